"""The directory in which web processes share what they count, for as long as `linkhold serve` runs."""

from __future__ import annotations

import logging
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil

from linkhold import config

log = logging.getLogger("linkhold")


# What a web process counts takes three files of a megabyte each.
ROOM = 4 << 20


@contextmanager
def shared(data_dir: Path) -> Iterator[None]:
    """Make it, below the data directory and named for this process; it is removed at the end.

    What processes that were killed have left there is removed too. Where nothing can be written, it is
    where the system keeps what is temporary: the database may be on another machine.
    """
    place = data_dir / "metrics"
    mine = place / str(os.getpid())
    try:
        _clear(place)
        mine.mkdir(mode=0o700, parents=True)
    except OSError as error:
        mine = Path(tempfile.mkdtemp(prefix="linkhold-metrics-"))
        log.warning("What web processes count is in %s: %s", mine, error)
    config.set_metrics_directory(str(mine))
    try:
        yield
    finally:
        shutil.rmtree(mine, ignore_errors=True)


def join(directory: Path) -> None:
    """Let this web process count there if the disk has room for it, and else for itself alone.

    Files are mapped into memory, and whoever writes to a place for which the disk has no room is killed.
    """
    try:
        _try_for_room(directory)
    except OSError as error:
        log.warning("This web process tells only what it counts itself: %s", error)
        config.set_metrics_directory(None)


def _try_for_room(directory: Path) -> None:
    if not hasattr(os, "posix_fallocate"):
        raise OSError("this system cannot take room on the disk beforehand")
    with tempfile.TemporaryFile(dir=directory) as file:
        os.posix_fallocate(file.fileno(), 0, ROOM)


def _clear(place: Path) -> None:
    """Remove what is of no process that lives; in a container the next start has the number of the last."""
    for path in place.glob("*"):
        if path.name == str(os.getpid()) or not _lives(path.name):
            shutil.rmtree(path, ignore_errors=True)


def _lives(number: str) -> bool:
    return number.isdecimal() and psutil.pid_exists(int(number))
