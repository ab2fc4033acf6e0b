"""A PostgreSQL of one's own for whole processes, where the run is about one, with its pooler."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pooling
from linkhold.postgres import binaries, server
from linkhold.postgres.binaries import Binaries


def programs() -> Binaries | None:
    """Return the programs of the PostgreSQL that this run is about; None is the embedded one."""
    found = os.environ.get("TEST_POSTGRES_BIN")
    if found:
        return binaries.at(Path(found))
    # Before the embedded one nobody puts a pooler: the same version is then one's own.
    return binaries.bundled() if pooling.POOLED else None


@contextmanager
def told(root: Path) -> Iterator[dict[str, str]]:
    """Run it for the block, with its files below `root`; yields what Linkhold is told of it, if anything."""
    chosen = programs()
    if chosen is None:
        yield {}
        return
    with server.acquire(root / "own", say=print, binaries=chosen) as lease:
        if not pooling.POOLED:
            yield {"LINKHOLD_DATABASE_URL": lease.url}
            return
        with pooling.through(lease.socket_dir) as pooler:
            yield pooler.told(lease.url)
