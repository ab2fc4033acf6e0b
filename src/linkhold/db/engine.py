"""Connections: how they are opened, kept, checked and given up."""

from __future__ import annotations

import select
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Any, TypeAlias, cast

import orjson
import psycopg
from psycopg.pq import TransactionStatus
from sqlalchemy import Engine, create_engine, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import DBAPIError, DisconnectionError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm import Session
from sqlalchemy.pool import ConnectionPoolEntry, PoolResetState

from linkhold import clock
from linkhold.errors import DatabaseAway, DatabaseUnsafe

Direct: TypeAlias = psycopg.Connection[tuple[Any, ...]]
"""A connection as psycopg has it."""

OLDEST_POSTGRES = 15
CONNECT_SECONDS = 5
POOL_WAIT_SECONDS = 5
RESTED_SECONDS = 0.5
APPLICATION_NAME = "linkhold"
NEVER_BY_ITSELF = 2**31
LOCK_MILLISECONDS = 10_000
IDLE_IN_TRANSACTION_MILLISECONDS = 60_000

# Classes of SQLSTATE (PostgreSQL's appendix A) that pass by themselves: connection lost (08), out of
# resources such as disk or connections (53), stopped by an operator or starting up (57P), and a
# transaction that went to a server which is now read-only (25006: a failover under way).
PASSING_STATES = ("08", "53", "57P", "25006")


def make_engine(url: str, *, pool_size: int, statement_timeout: int, pooled: bool = False) -> Engine:
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
        pool_size=pool_size,
        max_overflow=0,
        pool_reset_on_return=None,
        pool_timeout=POOL_WAIT_SECONDS,
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
    event.listen(engine, "checkout", _refuse_dead_connection)
    event.listen(engine, "reset", _end_transaction)
    return engine


def transactional(engine: Engine) -> Engine:
    """Return the engine as transactions use it: the same pool, with BEGIN and COMMIT."""
    return engine.execution_options(isolation_level="READ COMMITTED")


@contextmanager
def borrowed(engine: Engine) -> Iterator[Direct]:
    """Lend a connection of the pool as psycopg has it, in autocommit.

    For the few statements that every request pays for: SQLAlchemy's own part of a statement is
    several times what PostgreSQL and psycopg need for it.
    """
    with engine.raw_connection() as pooled:
        connection = cast("Direct", pooled.driver_connection)
        try:
            yield connection
        except psycopg.Error as error:
            if connection.closed:
                pooled.invalidate(error)
            raise


@contextmanager
def taken_out(engine: Engine) -> Iterator[Direct]:
    """Open a connection as the pool would, beside the pool; it is closed at the end."""
    pooled = engine.raw_connection()
    connection = cast("Direct", pooled.driver_connection)
    pooled.detach()
    with closing(connection):
        yield connection


def direct(session: Session) -> Direct:
    """Return the connection of a session as psycopg has it, inside the session's transaction."""
    return cast("Direct", session.connection().connection.driver_connection)


def driver_url(url: str) -> URL:
    """Return a `postgres://` or `postgresql://` URL as SQLAlchemy wants it, with psycopg as driver."""
    return make_url(url).set(drivername="postgresql+psycopg")


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


def _refuse_dead_connection(connection: Direct, entry: ConnectionPoolEntry, _: object) -> None:
    """Make the pool open another connection when the server has closed this one.

    This asks the kernel, not the server: a ping would add a round trip to every request. Even that
    is not free, since it lets go of the interpreter's lock, and so a connection that was at work a
    moment ago is not asked.
    """
    now = clock.monotonic()
    rested = now - entry.info.get("used_at", 0.0) > RESTED_SECONDS
    if rested and _is_closed_by_server(connection):
        raise DisconnectionError("the server closed this connection")
    entry.info["used_at"] = now


def _end_transaction(connection: Direct, _: ConnectionPoolEntry, state: PoolResetState) -> None:
    """Roll back what an error left open; a connection in autocommit has nothing to end."""
    if not state.terminate_only and connection.pgconn.transaction_status != TransactionStatus.IDLE:
        connection.rollback()


def _is_closed_by_server(connection: Direct) -> bool:
    if not _is_readable(connection):
        return False
    # Mostly a farewell and the end of the stream; but a reload of the configuration is told to
    # idle connections too, and then there is nothing more to read after it.
    try:
        connection.pgconn.consume_input()
    except psycopg.OperationalError:
        return True
    return _is_readable(connection)


def _is_readable(connection: Direct) -> bool:
    readable, _write, _error = select.select([connection.fileno()], [], [], 0)
    return bool(readable)


@contextmanager
def translated() -> Iterator[None]:
    """Turn the driver's word that the database is away into `DatabaseAway`; let all else pass."""
    try:
        yield
    except (DBAPIError, PoolTimeout, psycopg.Error) as error:
        if is_away(error):
            raise DatabaseAway from error
        raise


def is_away(error: Exception) -> bool:
    """Tell whether an error means that the database cannot be used now, but may be in a moment."""
    if isinstance(error, PoolTimeout):
        return True
    cause = error.orig if isinstance(error, DBAPIError) else error
    state = getattr(cause, "sqlstate", None)
    if state is not None:
        return str(state).startswith(PASSING_STATES)
    # Without a state the server never answered: the connection was refused, or broke.
    return isinstance(cause, psycopg.OperationalError)


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
