"""The pool: how connections are kept, lent, checked and given up."""

from __future__ import annotations

import select
from contextlib import AbstractContextManager
from types import TracebackType
from typing import Any, TypeAlias, cast

import psycopg
from psycopg.pq import TransactionStatus
from sqlalchemy import Engine, QueuePool, event
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.pool import ConnectionPoolEntry, ManagesConnection, PoolProxiedConnection, PoolResetState

from linkhold import clock

Direct: TypeAlias = psycopg.Connection[tuple[Any, ...]]
"""A connection as psycopg has it."""

RESTED_SECONDS = 0.5
USED_AT = "used_at"


class Pool(QueuePool):
    """SQLAlchemy's pool, with a short way to a connection for the few statements that every request pays for.

    `watch` makes it notice a connection that died in it when it is taken out, and replace it, so that a
    restart of PostgreSQL costs no request.
    """

    def lend(self) -> AbstractContextManager[Direct]:
        """Lend a connection as psycopg has it, in autocommit.

        SQLAlchemy's own part of a statement is several times what PostgreSQL and psycopg need for it, and
        its way to a connection alone took a fifteenth of a save.
        """
        return _Loan(self)

    def take_warm(self) -> ConnectionPoolEntry | None:
        """Take out a connection that was at work a moment ago; None if the next one was not."""
        entry = self._do_get()
        connection = cast("Direct | None", entry.dbapi_connection)
        if connection is not None and not connection.closed and not _has_rested(entry):
            return entry
        self._do_return_conn(entry)
        return None

    def give_back(self, entry: ConnectionPoolEntry) -> None:
        """Take back what `take_warm` gave."""
        self._do_return_conn(entry)


class _Loan(AbstractContextManager[Direct]):
    """A connection that is lent: the short way while it is warm, else SQLAlchemy's, which can replace it."""

    __slots__ = ("_entry", "_pool", "_proxied")

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self._entry: ConnectionPoolEntry | None = None
        self._proxied: PoolProxiedConnection | None = None

    def __enter__(self) -> Direct:
        self._entry = self._pool.take_warm()
        if self._entry is not None:
            return cast("Direct", self._entry.dbapi_connection)
        self._proxied = self._pool.connect()
        return cast("Direct", self._proxied.driver_connection)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._entry is not None:
            try:
                _settle(self._entry, error)
            finally:
                self._pool.give_back(self._entry)
        elif self._proxied is not None:
            if error is not None:
                _settle(self._proxied, error)
            self._proxied.close()


def watch(engine: Engine) -> None:
    """See to the connections of an engine: those that died, and those left in a transaction by an error."""
    event.listen(engine, "checkout", _refuse_dead)
    event.listen(engine, "reset", _end_transaction)


def _settle(lent: ManagesConnection, error: BaseException | None) -> None:
    """Leave a connection as it was lent; one that broke is given up, and replaced when it is wanted again."""
    connection = cast("Direct", lent.dbapi_connection)
    if error is not None and not connection.closed:
        _roll_back(connection)
    if connection.closed:
        lent.invalidate(error)
    else:
        lent.info[USED_AT] = clock.monotonic()


def _has_rested(lent: ManagesConnection) -> bool:
    used_at: float = lent.info.get(USED_AT, 0.0)
    return clock.monotonic() - used_at > RESTED_SECONDS


def _refuse_dead(connection: Direct, entry: ConnectionPoolEntry, _: object) -> None:
    """Make the pool open another connection when the server has closed this one.

    This asks the kernel, not the server: a ping would add a round trip to every request. Even that
    is not free, since it lets go of the interpreter's lock, and so a connection that was at work a
    moment ago is not asked.
    """
    if _has_rested(entry) and _is_closed_by_server(connection):
        raise DisconnectionError("the server closed this connection")
    entry.info[USED_AT] = clock.monotonic()


def _end_transaction(connection: Direct, _: ConnectionPoolEntry, state: PoolResetState) -> None:
    """Roll back what an error left open; a connection in autocommit has nothing to end."""
    if not state.terminate_only:
        _roll_back(connection)


def _roll_back(connection: Direct) -> None:
    if connection.pgconn.transaction_status != TransactionStatus.IDLE:
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
