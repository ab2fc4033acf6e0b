"""The connections that this room makes: to see that the application can connect, and as the superuser."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import psycopg
from psycopg import sql
from psycopg.conninfo import make_conninfo

from linkhold.errors import DumpFailed, NotACluster, PermissionLost, ServerAway, ServerFault
from linkhold.postgres import cluster, postmaster
from linkhold.postgres.places import Place
from linkhold.postgres.postmaster import Postmaster

_SECONDS = 10
_RECOVERS = ("starting up", "in recovery", "not yet accepting connections")
_AWAY = (
    "shutting down",
    "terminating connection",
    "closed the connection",
    "Connection refused",
    "No such file or directory",
    "timeout expired",
)
"""How a server is known that crashed, or was stopped, a moment ago."""
_BUSY = ("too many clients", "connection slots are reserved")
_FOREIGN = ('role "linkhold" does not exist', 'database "linkhold" does not exist')


def conninfo(socket_dir: Path, *, user: str, database: str) -> str:
    """Return where the server is, as psycopg reads it."""
    return make_conninfo("", host=str(socket_dir), user=user, dbname=database)


def check(place: Place, living: Postmaster, say: Callable[[str], None]) -> None:
    """See that the application can connect; raises `ServerFault` when it cannot, `ServerAway` for now."""
    if not postmaster.can_be_trusted(living, place):
        raise PermissionLost(
            f"The directory of PostgreSQL's socket, {living.socket_dir}, is missing or can be entered by "
            "other users: stop every linkhold process, run linkhold db stop, and start again."
        )
    where = conninfo(living.socket_dir, user=cluster.ROLE, database=cluster.DATABASE)
    try:
        psycopg.connect(where, connect_timeout=_SECONDS).close()
    except psycopg.OperationalError as error:
        reason = str(error)
        if any(words in reason for words in _BUSY):
            return
        if any(words in reason for words in _FOREIGN):
            if (former := _finish_restoring(living.socket_dir)) is not None:
                say(f"The database was called {former}, and has its name again.")
                return
            raise NotACluster(
                f"{place.data} is a PostgreSQL cluster, but not one that Linkhold made: move it away."
            ) from error
        told = (
            f"PostgreSQL runs in {place.data} (process {living.pid}), but cannot be reached: "
            f"{reason.strip().splitlines()[-1]}. Try linkhold db stop, then start again."
        )
        recovers = any(words in reason for words in _RECOVERS)
        if recovers or any(words in reason for words in _AWAY):
            raise ServerAway(told, recovers=recovers) from error
        raise ServerFault(told) from error


def _finish_restoring(socket_dir: Path) -> str | None:
    """Give the database its name where that was not done when a dump was put in place; returns its old one.

    A crash cannot leave it so (both get their names in one transaction), but somebody who renames can.
    """
    where = conninfo(socket_dir, user=cluster.SUPERUSER, database="postgres")
    query = (
        "SELECT datname FROM pg_database WHERE datname = %s OR starts_with(datname, %s)"
        " ORDER BY datname = %s DESC, datname DESC LIMIT 1"
    )
    with closing(psycopg.connect(where, connect_timeout=_SECONDS)) as connection:
        found = connection.execute(query, [cluster.RESTORED, cluster.BEFORE, cluster.RESTORED]).fetchone()
    if found is None:
        return None
    statements(socket_dir, f"ALTER DATABASE {found[0]} RENAME TO {cluster.DATABASE}")
    return str(found[0])


def statements(socket_dir: Path, *lines: str, together: bool = False) -> None:
    """Run statements as the superuser, each by itself, or all `together` in one transaction.

    Raises `DumpFailed` while the database is in use.
    """
    where = conninfo(socket_dir, user=cluster.SUPERUSER, database="postgres")
    try:
        with closing(psycopg.connect(where, connect_timeout=_SECONDS, autocommit=not together)) as connection:
            for line in lines:
                connection.execute(sql.SQL(line))
            if together:
                connection.commit()
    except psycopg.errors.ObjectInUse as error:
        raise DumpFailed(
            "The database is in use: stop every linkhold process, then try again. Nothing was changed."
        ) from error
