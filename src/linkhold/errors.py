"""Everything that can go wrong on purpose, as one tree; a class's docstring is its default message.

LinkholdError
├── InvalidSetting            the start is refused; names the variable
├── BadInput                  what a client sent cannot be accepted
│   ├── NotALink              the URL cannot be a link
│   ├── LimitExceeded         a value is over a limit that is a setting
│   ├── BrokenOff             the connection ended within the body
│   └── UnsupportedMedia      the body is of a type that the door does not read
├── Refused
│   ├── NotAuthenticated      no credentials, or wrong ones
│   │   └── MetricsKeyMissing no key to the metrics, which no account's token opens
│   ├── ScopeMissing          the token may not do this
│   ├── CrossSite             a browser was made to send this by another site
│   └── Throttled             too many wrong guesses; says when to come back
├── NotFound                  not there, or not yours: the two look the same
├── CursorExpired             the feed began anew since this cursor was given
├── Conflict                  it cannot be done to the thing as it now is
│   ├── NameTaken
│   ├── Outdated              it was changed since the client last saw it
│   └── KeyReused             an idempotency key came back with another request
├── DatabaseFault             the database cannot be used
│   ├── DatabaseAway          it may be back in a moment
│   ├── DatabaseBusy          something else holds the rows for too long
│   ├── DatabaseSlow          a statement took longer than is allowed
│   ├── DatabaseUnsafe        it may lose what it has acknowledged
│   └── SchemaMismatch        it was made by another version of Linkhold
├── KeyUnreadable             a secret's file cannot be used
└── ServerFault               the embedded PostgreSQL server cannot run
├── DiskFull
├── ReadOnly
├── PermissionLost
├── OtherMajorVersion     its data was made by another PostgreSQL
├── ServerAway            it runs, and cannot be reached at this moment
├── DumpFailed            it could not be dumped, or what was dumped not be put back
├── UpgradeFailed         its data could not be brought to a newer PostgreSQL
├── NotACluster           the directory holds something else
├── ServerInUse           it is not stopped under those who use it
└── ServerStuck           it neither starts nor says why
"""

from __future__ import annotations

import inspect


class LinkholdError(Exception):
    """Something went wrong."""

    def __init__(self, message: str | None = None) -> None:
        super().__init__(message or inspect.cleandoc(type(self).__doc__ or ""))

    @property
    def message(self) -> str:
        """One or two sentences for a person: what is wrong and what to do."""
        return str(self)


class InvalidSetting(LinkholdError):
    """A setting is not valid."""


class BadInput(LinkholdError):
    """The request is not valid."""

    def __init__(
        self,
        message: str | None = None,
        *,
        field: str | None = None,
        faults: tuple[tuple[str, str], ...] = (),
    ) -> None:
        super().__init__(message)
        self.faults = faults or (((field, self.message),) if field else ())
        """Each field that is wrong, as a client names it, with what is wrong about it."""


class NotALink(BadInput):
    """That is not an address that can be kept as a link."""


class LimitExceeded(BadInput):
    """A value is larger than this server accepts."""


class BrokenOff(BadInput):
    """The body broke off before its end, and nothing of it was kept: send it again."""


class UnsupportedMedia(BadInput):
    """Send the body as JSON, with the header Content-Type: application/json."""


class Refused(LinkholdError):
    """This request is refused."""


class NotAuthenticated(Refused):
    """Send a token of your account: Authorization: Bearer …, or HTTP Basic with name and password."""


class MetricsKeyMissing(NotAuthenticated):
    """Send the key for it, `Authorization: Bearer …`; on the server `linkhold key show metrics` prints it."""


class ScopeMissing(Refused):
    """This token may not do that: it lacks the scope."""


class CrossSite(Refused):
    """This request came from another web site, and was not carried out."""


class Throttled(Refused):
    """Too many failed attempts: wait a little, then try again."""

    def __init__(self, message: str | None = None, *, retry_after: int) -> None:
        super().__init__(message)
        self.retry_after = retry_after
        """Whole seconds after which another attempt is answered."""


class NotFound(LinkholdError):
    """There is nothing here by that address."""


class Conflict(LinkholdError):
    """This cannot be done to the thing as it now is."""


class CursorExpired(LinkholdError):
    """This database was restored since this cursor was given: fetch everything anew, without a cursor."""


class Outdated(Conflict):
    """The link was changed since you last saw it: get it again, then decide."""


class NameTaken(Conflict):
    """There is an account by that name already: choose another."""


class KeyReused(Conflict):
    """This Idempotency-Key was used for another request: make a new key for each new request."""


class DatabaseFault(LinkholdError):
    """The database cannot be used."""


class DatabaseAway(DatabaseFault):
    """The database cannot be reached at the moment. Try again shortly: repeating a request is safe."""


class DatabaseBusy(DatabaseFault):
    """Something else is changing the same links, so nothing was done: try again. Repeating a save is safe."""


class DatabaseSlow(DatabaseFault):
    """This took longer than LINKHOLD_STATEMENT_TIMEOUT allows, so nothing was done: ask for less at once."""


class DatabaseUnsafe(DatabaseFault):
    """The database may lose what it has acknowledged."""


class SchemaMismatch(DatabaseFault):
    """The database was made by a newer Linkhold: install that version."""


class KeyUnreadable(LinkholdError):
    """A key's file cannot be read or written."""


class ServerFault(LinkholdError):
    """The embedded PostgreSQL cannot run."""


class DiskFull(ServerFault):
    """There is no space left on the disk of the data directory: make room, then start again."""


class ReadOnly(ServerFault):
    """The data directory is on a read-only file system: make it writable, then start again."""


class PermissionLost(ServerFault):
    """The data directory can no longer be read and written by its owner."""


class OtherMajorVersion(ServerFault):
    """The data directory was made by another major version of PostgreSQL."""


class DumpFailed(ServerFault):
    """The database could not be dumped or restored."""


class UpgradeFailed(ServerFault):
    """The data could not be brought to a newer PostgreSQL, and is as it was."""


class NotACluster(ServerFault):
    """The data directory holds something that is not Linkhold's."""


class ServerInUse(ServerFault):
    """The embedded PostgreSQL is in use: stop the linkhold processes that use it first."""


class ServerAway(ServerFault):
    """PostgreSQL cannot be reached at the moment."""

    def __init__(self, message: str, *, recovers: bool) -> None:
        super().__init__(message)
        self.recovers = recovers
        """Whether it says that it starts or recovers, which takes as long as it takes."""


class ServerStuck(ServerFault):
    """PostgreSQL neither accepts connections nor makes progress."""
