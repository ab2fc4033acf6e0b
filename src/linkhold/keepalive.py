"""Connections whose client is gone, such as a phone that lost its network, are ended by the kernel.

Nothing else tells, and a server that waits for the rest of a request would wait for ever. The settings are
made on the sockets that listen; connections inherit them (tcp(7)). Who takes nothing of an answer is gone.
"""

from __future__ import annotations

import contextlib
import os
import socket
import stat
import sys
import threading
from pathlib import Path

from linkhold import clock

SETTINGS = {"TCP_KEEPIDLE": 30, "TCP_KEEPINTVL": 10, "TCP_KEEPCNT": 3, "TCP_USER_TIMEOUT": 60_000}
"""In seconds, but for the last, in milliseconds: a minute of silence, or of what is not taken."""
LISTENING_WITHIN = 60.0


def start() -> None:
    """Make the settings in this process, on Linux, as soon as it listens, which may be after this."""
    if sys.platform == "linux":
        threading.Thread(target=_set_up, name="keepalive", daemon=True).start()


def _set_up() -> None:
    until = clock.monotonic() + LISTENING_WITHIN
    while not _set_all() and clock.monotonic() < until:
        clock.sleep(0.05)


def _set_all() -> bool:
    """Set up each socket of this process that listens on a network; tell whether any listens at all."""
    found = False
    for path in Path("/proc/self/fd").iterdir():
        # Any of them may be closed meanwhile.
        with contextlib.suppress(OSError):
            if not stat.S_ISSOCK(path.stat().st_mode):
                continue
            with socket.socket(fileno=os.dup(int(path.name))) as each:
                if each.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN):
                    found = True
                    _set(each)
    return found


def _set(listening: socket.socket) -> None:
    if listening.family in {socket.AF_INET, socket.AF_INET6}:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        for name, value in SETTINGS.items():
            listening.setsockopt(socket.IPPROTO_TCP, getattr(socket, name), value)
