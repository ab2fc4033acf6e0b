"""A PostgreSQL for a contestant: the programs and settings that Linkhold's own one runs with.

Each contestant has a cluster to itself, so that what one leaves behind (dirty pages, dead rows) is
not another's work; and all clusters are alike, so that only the applications differ.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import psycopg

from linkhold.postgres import server
from linkhold.postgres.lease import Lease


class Cluster:
    """The cluster below a directory; Linkhold's own when the directory is its data directory."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.lease: Lease | None = None

    def start(self) -> None:
        """Make it if need be, and start it if it does not run."""
        if self.lease is None:
            self.lease = server.acquire(self.directory, say=lambda _: None)

    def stop(self) -> None:
        """Give it up; it stops with its last user."""
        if self.lease is not None:
            self.lease.close()
            self.lease = None

    @property
    def url(self) -> str:
        """Where it is, as libpq reads it; only while it is started."""
        assert self.lease is not None
        return self.lease.url

    @contextmanager
    def started(self) -> Iterator[str]:
        """Start it for as long as the block takes, if it does not run; yields its URL."""
        with server.acquire(self.directory, say=lambda _: None) as lease:
            yield lease.url

    def execute(self, *statements: str) -> None:
        """Run statements, each a transaction of its own; starts the cluster for that if it does not run."""
        with (
            server.acquire(self.directory, say=lambda _: None) as lease,
            psycopg.connect(lease.conninfo, autocommit=True) as connection,
        ):
            for statement in statements:
                connection.execute(statement.encode())

    def processes(self) -> list[psutil.Process]:
        """Return the server's processes."""
        pid = server.status(self.directory).pid
        if pid is None:
            return []
        first = psutil.Process(pid)
        return [first, *first.children(recursive=True)]
