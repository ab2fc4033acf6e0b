"""Connections: how they are opened, and what their errors mean."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from types import TracebackType
from typing import Any, cast

import orjson
import psycopg
from sqlalchemy import Engine, create_engine, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm import Session
from sqlalchemy.pool import ConnectionPoolEntry

from linkhold.config import variable
from linkhold.db import pool as pools
from linkhold.db.pool import Direct, Pool
from linkhold.errors import DatabaseAway, DatabaseBusy, DatabaseSlow, DatabaseUnsafe, InvalidSetting

OLDEST_POSTGRES = 15
CONNECT_SECONDS = 5
POOL_WAIT_SECONDS = 5
APPLICATION_NAME = "linkhold"
NEVER_BY_ITSELF = 2**31
LOCK_MILLISECONDS = 10_000
IDLE_IN_TRANSACTION_MILLISECONDS = 60_000

# Classes of SQLSTATE (PostgreSQL's appendix A) that pass by themselves: connection lost (08), out of
# resources such as disk or connections (53), stopped by an operator or starting up (57P), and a
# transaction that went to a server which is now read-only (25006: a failover under way).
PASSING_STATES = ("08", "53", "57P", "25006")
# And what another transaction on the same rows does to ours, which is rolled back: it waited too long for
# them (55P03), they waited for each other (40P01), or came in an order that cannot be (40001).
BUSY_STATES = ("55P03", "40P01", "40001")
# A statement was given up: it took longer than `statement_timeout`, or an operator cancelled it.
GIVEN_UP = "57014"


def make_engine(url: str | URL, *, pool_size: int, statement_timeout: int, pooled: bool = False) -> Engine:
    """Make an engine for a `postgresql://` URL; connects to nothing yet.

    `statement_timeout` is in seconds. `pooled` says that a pooler hands each transaction to another
    connection: nothing is prepared then, and what we otherwise set for a connection the role must
    have (`check` sees to the one that matters). A connection that died while it lay in the pool is
    noticed and replaced when it is taken out, so that a restart of PostgreSQL costs no request.
    """
    engine = create_engine(
        driver_url(url),
        # At rest a connection is in autocommit: a statement that stands alone needs no BEGIN and
        # no COMMIT. `transactional` is the view of this engine that opens transactions.
        isolation_level="AUTOCOMMIT",
        poolclass=Pool,
        pool_size=pool_size,
        max_overflow=0,
        pool_reset_on_return=None,
        pool_timeout=POOL_WAIT_SECONDS,
        # The error of a statement is logged; what a person wrote is not.
        hide_parameters=True,
        json_serializer=lambda value: orjson.dumps(value).decode(),
        json_deserializer=orjson.loads,
        connect_args={
            "application_name": APPLICATION_NAME,
            "connect_timeout": CONNECT_SECONDS,
            "keepalives_idle": 30,
            **({} if pooled else {"options": _options(statement_timeout)}),
            # psycopg would prepare what it runs often, and PostgreSQL may then plan it without the
            # values: among a million rows such a plan can be a thousand times too slow. The few
            # statements that have one plan whatever the values are prepared where they are run. (Never
            # by itself is a very high threshold: None would leave those unprepared too.)
            "prepare_threshold": None if pooled else NEVER_BY_ITSELF,
        },
    )
    if not pooled:
        event.listen(engine, "connect", _insist_on_durability)
    pools.watch(engine)
    return engine


def transactional(engine: Engine) -> Engine:
    """Return the engine as transactions use it: the same pool, with BEGIN and COMMIT."""
    return engine.execution_options(isolation_level="READ COMMITTED")


def borrowed(engine: Engine) -> AbstractContextManager[Direct]:
    """Lend a connection of the engine's pool as psycopg has it, in autocommit; see `Pool.lend`."""
    return cast("Pool", engine.pool).lend()


@contextmanager
def taken_out(engine: Engine) -> Iterator[Direct]:
    """Open a connection as the pool would, beside the pool; it is closed at the end."""
    pooled = engine.raw_connection()
    connection = cast("Direct", pooled.driver_connection)
    pooled.detach()
    with closing(connection):
        yield connection


@contextmanager
def opened(url: URL, *, statement_timeout: int) -> Iterator[Direct]:
    """Open a connection to wherever a URL leads, set as ours are; it is closed at the end."""
    with taken_out(make_engine(url, pool_size=1, statement_timeout=statement_timeout)) as connection:
        yield connection


def direct(session: Session) -> Direct:
    """Return the connection of a session as psycopg has it, inside the session's transaction."""
    return cast("Direct", session.connection().connection.driver_connection)


def driver_url(url: str | URL, *, setting: str = "database_url") -> URL:
    """Return a `postgres://` or `postgresql://` URL as SQLAlchemy wants it, with psycopg as driver.

    Raises `InvalidSetting`, which names the setting that it is of, for one that they cannot read; what is
    wrong with it may be its password.
    """
    parsed = _parsed(url)
    if parsed is None:
        raise InvalidSetting(
            f"{variable(setting)} cannot be read: it must be like"
            " postgresql://user:password@host:5432/name, with special characters percent-encoded (@ as %40)"
            " and, after ?, only parameters that PostgreSQL's libpq knows."
        )
    return parsed


def _parsed(url: str | URL) -> URL | None:
    try:
        parsed = make_url(url).set(drivername="postgresql+psycopg")
        _, options = parsed.get_dialect()().create_connect_args(parsed)
        psycopg.conninfo.make_conninfo(**options)
    except (ArgumentError, ValueError, psycopg.Error):
        return None
    # What is of a password must not be looked for as a host, which is told when there is none.
    return None if "@" in (parsed.host or "") else parsed


def session_settings(statement_timeout: int) -> dict[str, str | int | float]:
    """Return what a connection is set to, in PostgreSQL's own units; `statement_timeout` in seconds."""
    return {
        "statement_timeout": statement_timeout * 1000,
        "lock_timeout": LOCK_MILLISECONDS,
        "idle_in_transaction_session_timeout": IDLE_IN_TRANSACTION_MILLISECONDS,
        "TimeZone": "UTC",
        # Compiling a query takes longer than any of ours runs.
        "jit": "off",
        # What a search has found before it is sorted: with less memory whole pages are remembered for it,
        # and each link on them is looked at. In kB.
        "work_mem": 16 * 1024,
        # Neighbours in a library are neighbours on the disk, and most of it is in memory.
        "random_page_cost": 1.1,
    }


def _options(statement_timeout: int) -> str:
    return " ".join(f"-c {name}={value}" for name, value in session_settings(statement_timeout).items())


def _insist_on_durability(connection: psycopg.Connection[Any], _: ConnectionPoolEntry) -> None:
    """Turn `synchronous_commit` on where a role or database has it off: saved means saved.

    Stronger values (`remote_apply` and so on) are left as they are.
    """
    state = connection.execute("SHOW synchronous_commit").fetchone()
    if state == ("off",):
        connection.execute("SET synchronous_commit = on")


class translated(AbstractContextManager[None]):  # noqa: N801 - it is used as a function
    """Turn the driver's word that the database is away, busy or slow into ours; let all else pass.

    Raises `DatabaseAway`, `DatabaseBusy` when another transaction was in the way of this one, and
    `DatabaseSlow` when a statement took too long.
    """

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Translate, if there was an error."""
        if not isinstance(error, DBAPIError | PoolTimeout | psycopg.Error):
            return
        if is_away(error):
            raise DatabaseAway from error
        if _state(error) in BUSY_STATES:
            raise DatabaseBusy from error
        if _state(error) == GIVEN_UP:
            raise DatabaseSlow from error


def is_away(error: Exception) -> bool:
    """Tell whether an error means that the database cannot be used now, but may be in a moment."""
    if isinstance(error, PoolTimeout):
        return True
    state = _state(error)
    if state is not None:
        return state.startswith(PASSING_STATES)
    # Without a state the server never answered: the connection was refused, or broke.
    return isinstance(_cause(error), psycopg.OperationalError)


def is_crowded(error: BaseException) -> bool:
    """Tell whether a `DatabaseAway` was one too many for the pool: it waited, and got no connection."""
    return isinstance(error.__cause__, PoolTimeout)


def _cause(error: Exception) -> BaseException | None:
    return error.orig if isinstance(error, DBAPIError) else error


def _state(error: Exception) -> str | None:
    return getattr(_cause(error), "sqlstate", None)


@contextmanager
def _explained() -> Iterator[None]:
    """At a start there is a person who can mend it: tell what PostgreSQL, or the system, said."""
    try:
        yield
    except DatabaseAway as error:
        said = " ".join(str(getattr(error.__cause__, "orig", error.__cause__)).split())
        raise DatabaseAway(f"The database cannot be reached: {said}") from error


def check(engine: Engine) -> None:
    """See that the server can be relied on: new enough, and told to write to disk.

    Raises `DatabaseUnsafe` when it is not, `DatabaseAway` when it cannot be reached.
    """
    with _explained(), translated(), engine.connect() as connection:
        number, fsync, full_page_writes, synchronous = connection.exec_driver_sql(
            "SELECT current_setting('server_version_num')::int, current_setting('fsync'),"
            " current_setting('full_page_writes'), current_setting('synchronous_commit')"
        ).one()
    if number // 10000 < OLDEST_POSTGRES:
        raise DatabaseUnsafe(
            f"PostgreSQL {number // 10000} is too old: Linkhold needs {OLDEST_POSTGRES} or later."
        )
    # Where we may, synchronous_commit was turned on by ourselves.
    unsafe = (("fsync", fsync), ("full_page_writes", full_page_writes), ("synchronous_commit", synchronous))
    for name, value in unsafe:
        if value == "off":
            raise DatabaseUnsafe(
                f"This PostgreSQL has {name} = {value}: a crash could lose what was saved."
                f" Set {name} = on in its configuration, then start Linkhold again."
            )
