"""What web processes counted that are gone, in one file of each kind instead of one for each of them.

prometheus-client's multiprocess mode keeps the files of a process for good, since what it counted counts on.
Processes that are started anew again and again would fill the disk, and each answer would take longer.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
from prometheus_client.mmap_dict import MmapedDict

KINDS = ("counter", "histogram")
NOBODY = 0
"""In the place of a process's number in the name of the file for those that are gone."""


@contextmanager
def locked(directory: Path) -> Iterator[None]:
    """Keep others from reading the files while they are folded; it waits for whoever does."""
    held = os.open(directory, os.O_RDONLY)
    try:
        fcntl.flock(held, fcntl.LOCK_EX)
        yield
    finally:
        os.close(held)


def fold(directory: Path) -> None:
    """Add up the files of processes that are gone; call it while `locked`.

    Raises `OSError`, and leaves all as it was, when the disk has no room.
    """
    for path in directory.glob("gauge_live*.db"):
        if _is_of_the_dead(path):
            path.unlink(missing_ok=True)  # what they had in use they have no longer
    for kind in KINDS:
        gone = sorted(path for path in directory.glob(f"{kind}_*.db") if _is_of_the_dead(path))
        counted = [path for path in gone if path.stat().st_size]
        for path in set(gone).difference(counted):
            path.unlink()  # its process was killed at once, and nobody could read it
        if len(counted) > 1:
            _add_up(counted, directory / f"{kind}_{NOBODY}.db")


def _add_up(paths: list[Path], whole: Path) -> None:
    sums: dict[str, tuple[float, float]] = {}
    for path in paths:
        for key, value, timestamp, _ in MmapedDict.read_all_values_from_file(str(path)):  # type: ignore[no-untyped-call]
            before, at = sums.get(key, (0.0, 0.0))
            sums[key] = before + value, max(at, timestamp)
    written = whole.with_suffix(".new")
    # It is mapped into memory: whoever writes where the disk has no room for it is killed.
    with written.open("wb") as file:
        os.posix_fallocate(file.fileno(), 0, sum(path.stat().st_size for path in paths))
    values = MmapedDict(str(written))  # type: ignore[no-untyped-call]
    for key, (value, timestamp) in sums.items():
        values.write_value(key, value, timestamp)  # type: ignore[no-untyped-call]
    values.close()  # type: ignore[no-untyped-call]
    os.truncate(written, _used(written))
    written.replace(whole)
    for path in paths:
        if path != whole:
            path.unlink(missing_ok=True)


def _used(path: Path) -> int:
    """Return how much of a file is written: that number is what it begins with."""
    with path.open("rb") as file:
        return int.from_bytes(file.read(4), "little")


def _is_of_the_dead(path: Path) -> bool:
    number = int(path.stem.rpartition("_")[2])
    return number == NOBODY or not psutil.pid_exists(number)
