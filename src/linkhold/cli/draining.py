"""How a web process leaves a socket that outlives it, so that no request is lost.

It stops taking connections, answers those that it has taken, and only then is told to stop. Granian closes
at once, when it is told to stop, each connection on which it has not read anything yet, and a request may be
in it. So a worker's listening socket is taken away from it first, and Granian is told a moment later. The
others that have the socket (systemd, the process that follows) keep it.
"""

from __future__ import annotations

import contextlib
import os
import signal
import socket
from collections.abc import Iterable
from pathlib import Path

SIGNAL = signal.SIGUSR1
SECONDS = 0.3
"""What was accepted is read within this time."""


def prepare(given: socket.socket) -> None:
    """Let the processes that are forked from this one take no more connections when they get the signal."""
    parent, shared = os.getpid(), os.fstat(given.fileno())

    def leave(number: int, frame: object) -> None:
        del number, frame
        if os.getpid() != parent:
            _take_away(shared)

    signal.signal(SIGNAL, leave)


def tell(pids: Iterable[int]) -> None:
    """Tell processes to take no more connections."""
    for pid in pids:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, SIGNAL)


def _take_away(shared: os.stat_result) -> None:
    """Put another socket, to which nobody connects, in the place of a shared one, in this process alone.

    Closing it would not do: Granian would go on with a descriptor of nothing.
    """
    with socket.socket(socket.AF_UNIX) as nobodys:
        nobodys.bind("")  # a name that Linux makes up, and that is nowhere on the disk
        nobodys.listen(1)
        nobodys.setblocking(False)  # noqa: FBT003 - Python's way
        for path in Path("/proc/self/fd").iterdir():
            with contextlib.suppress(OSError):
                found = os.fstat(int(path.name))
                if (found.st_dev, found.st_ino) == (shared.st_dev, shared.st_ino):
                    os.dup2(nobodys.fileno(), int(path.name), inheritable=False)
