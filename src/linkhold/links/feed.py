"""The feed of changes, for clients that keep a copy: each change once, in an order that misses none.

A number drawn from a sequence does not order commits: a lower one may be committed after a higher
one was read, and is then never seen. So changes are ordered by the transaction that made them, and
only those are told that are older than every transaction still under way
(`pg_snapshot_xmin`, PostgreSQL's documentation, 9.27.14): nothing can appear before them any more.

Numbers of transactions mean something in one cluster only, and a dump that is put back forgets what
was told after it. A cursor names the epoch that it is of, and a database that was restored begins a
new one.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self

import orjson
from sqlalchemy import Connection, text
from sqlalchemy.orm import Session

from linkhold.errors import BadInput, CursorExpired

LONGEST_CURSOR = 200
LARGEST = 2**63

READ = text("""
    SELECT changes.made_in, changes.id, changes.link_id, changes.kind, changes.made_at, changes.batch_id,
           changes.after
    FROM changes
    WHERE owner_id = :owner_id AND (made_in, id) > (:made_in, :id)
      AND made_in < CAST(CAST(pg_snapshot_xmin(pg_current_snapshot()) AS text) AS bigint)
    ORDER BY made_in, id LIMIT :limit
""")
EPOCH = text("""
    SELECT epoch, CAST(CAST(pg_snapshot_xmax(pg_current_snapshot()) AS text) AS bigint) AS ahead FROM feed
""")
END = text("""
    SELECT made_in, id FROM changes
    WHERE owner_id = :owner_id
      AND made_in < CAST(CAST(pg_snapshot_xmin(pg_current_snapshot()) AS text) AS bigint)
    ORDER BY made_in DESC, id DESC LIMIT 1
""")
# Of what a restore makes anew: into another cluster all of it, into another database of this one the
# database and the table, into this very database the table.
PLACE = text("""
    SELECT system_identifier, pg_database.oid, CAST(CAST('feed' AS regclass) AS oid)
    FROM pg_control_system(), pg_database WHERE datname = current_database()
""")


@dataclass(frozen=True, slots=True)
class Cursor:
    """A place in the feed: behind the change of a transaction."""

    epoch: str
    made_in: int
    id: int

    def __str__(self) -> str:
        """Return it as a client carries it: opaque, safe in a URL."""
        packed = orjson.dumps([self.epoch, self.made_in, self.id])
        return base64.urlsafe_b64encode(packed).decode().rstrip("=")

    @classmethod
    def parse(cls, written: str) -> Self:
        """Read what `str` wrote; raises `BadInput` for anything else."""
        try:
            padded = written[:LONGEST_CURSOR] + "=" * (-len(written) % 4)
            epoch, made_in, change_id = orjson.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
            sound = isinstance(epoch, str) and all(
                isinstance(number, int) and 0 <= number < LARGEST for number in (made_in, change_id)
            )
            if sound:
                return cls(epoch, made_in, change_id)
        except (binascii.Error, ValueError, TypeError):
            pass
        raise BadInput(
            "This cursor is not valid: leave it out to begin with the first change.", field="since"
        )


@dataclass(frozen=True, slots=True)
class Told:
    """A change as the feed tells it."""

    id: int
    link_id: int
    kind: str
    made_at: datetime
    batch_id: int | None
    after: dict[str, Any]

    @property
    def deleted(self) -> bool:
        """Whether the link is gone for good: a client forgets it."""
        return self.kind == "destroyed"


@dataclass(frozen=True, slots=True)
class Stretch:
    """Some changes, and where the feed goes on."""

    changes: list[Told]
    next: Cursor
    more: bool
    """Whether there are more right now."""


def read(session: Session, owner: int, *, since: Cursor | None, limit: int) -> Stretch:
    """Return the changes after a cursor, the oldest first; all of them from the beginning without one.

    Raises `CursorExpired` for a cursor of another epoch, and for one from a time that this database has
    not come to: it was put back by other means than a dump.
    """
    epoch, ahead = session.execute(EPOCH).one()
    if since is None:
        since = Cursor(epoch, 0, 0)
    elif since.epoch != epoch or since.made_in >= ahead:
        raise CursorExpired
    asked = {"owner_id": owner, "made_in": since.made_in, "id": since.id, "limit": limit + 1}
    rows = session.execute(READ, asked).all()
    told = [Told(row.id, row.link_id, row.kind, row.made_at, row.batch_id, row.after) for row in rows[:limit]]
    last = Cursor(epoch, rows[len(told) - 1].made_in, told[-1].id) if told else since
    return Stretch(told, last, more=len(rows) > limit)


def end(session: Session, owner: int) -> Cursor:
    """Return the cursor behind all changes that can be told now: what comes later is new."""
    epoch = session.scalar(text("SELECT epoch FROM feed")) or ""
    last = session.execute(END, {"owner_id": owner}).first()
    return Cursor(epoch, last.made_in, last.id) if last else Cursor(epoch, 0, 0)


def renew(connection: Connection) -> None:
    """Begin a new epoch if the database was restored since the last one began."""
    place = _place(connection)
    if _known(connection) == place:
        return
    # A library has millions of changes, and nobody waits for this but a start.
    connection.execute(text("SET LOCAL statement_timeout = 0"))
    connection.execute(text("SET LOCAL lock_timeout = 0"))
    # Two that start at once have both looked by now: of a lock that looks stand in the way of, each would
    # wait for the other.
    connection.execute(text("LOCK TABLE feed IN SHARE ROW EXCLUSIVE MODE"))
    if _known(connection) == place:
        return
    connection.execute(text("DELETE FROM feed"))
    connection.execute(text("UPDATE changes SET made_in = 0 WHERE made_in <> 0"))
    connection.execute(
        text("INSERT INTO feed (epoch, system) VALUES (:epoch, :system)"),
        {"epoch": secrets.token_hex(8), "system": place},
    )


def _known(connection: Connection) -> int | None:
    known: int | None = connection.scalar(text("SELECT system FROM feed"))
    return known


def _place(connection: Connection) -> int:
    """Return a number of where the database is, which no restore leaves as it was."""
    named = " ".join(map(str, connection.execute(PLACE).one()))
    return int.from_bytes(hashlib.sha256(named.encode()).digest()[:8], signed=True)
