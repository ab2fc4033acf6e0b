"""That each web process lives: a thread of it touches a file every second, and its parent looks at that.

It is no request: while every request waits for the database, nothing is gained by ending those who wait.
"""

from __future__ import annotations

import contextlib
import os
import threading
from pathlib import Path

import psutil

from linkhold import clock

SECONDS = 1.0
PREFIX = "beat_"


def start(directory: Path) -> None:
    """Beat from a thread for as long as this process works: stopped, or stuck in one place, it does not."""
    path = directory / f"{PREFIX}{os.getpid()}"
    threading.Thread(target=_beat, args=(path,), name="heartbeat", daemon=True).start()


def is_heard(directory: Path, *, within: float) -> bool:
    """Tell whether there are web processes, and each has beaten within so many seconds."""
    now, ages = clock.monotonic(), []
    for path in directory.glob(f"{PREFIX}*"):
        with contextlib.suppress(FileNotFoundError):
            if psutil.pid_exists(int(path.name.removeprefix(PREFIX))):
                ages.append(now - path.stat().st_mtime)
            else:
                path.unlink()
    return bool(ages) and max(ages) <= within


def _beat(path: Path) -> None:
    while True:
        # A directory that is gone, and a disk that is full, are no reason to end.
        with contextlib.suppress(OSError):
            path.touch()
            # The clock on the wall may be set; this one goes on, and is the same for all processes.
            os.utime(path, (clock.monotonic(),) * 2)
        clock.sleep(SECONDS)
