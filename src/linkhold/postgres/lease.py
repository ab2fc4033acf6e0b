"""One process's use of the server: where it is, that it runs, and an end to it."""

from __future__ import annotations

import math
import os
import threading
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.parse import quote

from linkhold import clock
from linkhold.errors import LinkholdError
from linkhold.postgres import binaries, cluster, connection, dumping, locks, postmaster, starting, stopping
from linkhold.postgres.starting import Order


class Lease:
    """Keeps the server running until it is closed, or its process ends, however it ends.

    The last lease that is closed stops the server. A process that forks may close its copy: the lease lives
    as long as one copy does.
    """

    def __init__(self, order: Order, users: int, socket_dir: Path) -> None:
        self._order = order
        self._users: int | None = users
        self._lock = threading.Lock()
        self._closing = threading.Event()
        self.socket_dir = socket_dir
        self.database = cluster.DATABASE
        self.user = cluster.ROLE

    @property
    def url(self) -> str:
        """Return where the server is, as libpq and SQLAlchemy read it."""
        return f"postgresql://{self.user}@/{self.database}?host={quote(str(self.socket_dir), safe='')}"

    @property
    def conninfo(self) -> str:
        """Return where the server is, as psycopg reads it."""
        return connection.conninfo(self.socket_dir, user=self.user, database=self.database)

    @property
    def dumps(self) -> Path:
        """Where the database is dumped to before an upgrade."""
        return self._order.place.home / "dumps"

    def dump(self, label: str) -> Path:
        """Dump the database aside and return the file; raises `DumpFailed`."""
        return dumping.dump(self._client(), self.dumps, label=label)

    def dump_unless_recent(self, label: str) -> Path:
        """Dump the database aside, or return the dump of the same label that is only minutes old."""
        return dumping.recent(self.dumps, label=label) or self.dump(label)

    def restore(self, path: Path) -> str:
        """Put a dump in the place of the database, and return the name by which what was there stays.

        Nothing is destroyed: until the dump is restored whole the database keeps its name, and then it
        is another database beside it. Raises `DumpFailed`, and `DatabaseAway` while it is in use.
        """
        aside = f"{cluster.BEFORE}{clock.now():%Y%m%d_%H%M%S}"
        new = cluster.RESTORED
        connection.statements(
            self.socket_dir,
            f"DROP DATABASE IF EXISTS {new}",
            f"CREATE DATABASE {new} TEMPLATE template0 OWNER {self.user}",
            f"REVOKE ALL ON DATABASE {new} FROM PUBLIC",
        )
        dumping.restore(self._client(), path, database=new)
        # Both or neither: between the two there would be no database.
        connection.statements(
            self.socket_dir,
            f"ALTER DATABASE {self.database} RENAME TO {aside}",
            f"ALTER DATABASE {new} RENAME TO {self.database}",
            together=True,
        )
        return aside

    def _client(self) -> dumping.Client:
        program, variables = self.psql()
        return dumping.Client(Path(program).parent, variables)

    def psql(self) -> tuple[str, dict[str, str]]:
        """Return the path of psql, and the variables that tell it and other clients where to connect."""
        directory = self._order.binaries.bin_dir if self._order.binaries else binaries.bundled_dir()
        return str(directory / "psql"), {
            "PGHOST": str(self.socket_dir),
            "PGUSER": self.user,
            "PGDATABASE": self.database,
        }

    def ensure_running(self) -> bool:
        """Start the server again if it has ended; tells whether it had to. Raises what `acquire` raises."""
        with self._lock:
            if self._users is None or postmaster.find(self._order.place) is not None:
                return False
            with locks.exclusive(self._order.place.server_lock, self._order.say):
                if postmaster.find(self._order.place) is not None:
                    return False
                self.socket_dir = starting.ensure(self._order).socket_dir
                return True

    def watch(self, interval: float, say: Callable[[str], None]) -> None:
        """Look after the server from a thread, every so many seconds, until the lease is closed."""
        threading.Thread(
            target=self._watch, args=(interval, say), name="linkhold-postgres-watch", daemon=True
        ).start()

    def _watch(self, interval: float, say: Callable[[str], None]) -> None:
        stopped_before = trouble = False
        while not self._closing.wait(interval):
            if postmaster.find(self._order.place) is not None:
                stopped_before = trouble = False
                continue
            # A server that was asked to stop is left alone for a round: the whole machine may be stopping.
            if not stopped_before and not postmaster.was_left_behind(self._order.place):
                stopped_before = True
                continue
            try:
                if self.ensure_running():
                    say("PostgreSQL had ended unexpectedly, and was started again.")
            except (LinkholdError, OSError) as error:
                if not trouble:  # once, and not at every round
                    say(f"PostgreSQL has ended and cannot be started again: {error}")
                trouble = True

    def forked(self) -> None:
        """Make the copy in a process that was just forked fit to be closed: threads may have held locks."""
        self._lock, self._closing = threading.Lock(), threading.Event()

    def close(self, *, within: float = math.inf) -> None:
        """Stop using the server; stops it if this was the last use. Closing again does nothing.

        See `stopping` for how long a stop is waited for; it is never longer than `within`.
        """
        self._closing.set()
        with self._lock:
            users, self._users = self._users, None
            if users is None:
                return
            # Closed and not unlocked: a copy in a forked process that is still at work keeps it.
            os.close(users)
            stopping.stop_if_unused(self._order.place, self._order.say, within=within)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
