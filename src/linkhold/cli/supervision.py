"""What a service manager such as systemd hands to a service, and what it is told.

Two protocols of a few lines each: a listening socket is inherited as descriptor 3 (sd_listen_fds(3)),
and states are sent as text to a Unix socket (sd_notify(3)). Without a manager nothing of this happens.
"""

from __future__ import annotations

import contextlib
import logging
import os
import socket
import threading
from typing import Protocol

from linkhold import clock, config
from linkhold.errors import LinkholdError

FIRST_DESCRIPTOR = 3
NOTIFY_SECONDS = 5.0

log = logging.getLogger(__name__)


def given_socket() -> socket.socket | None:
    """Return the listening socket that this process was started with; None without one.

    Raises `LinkholdError` when there are several: Linkhold would serve one of them only.
    """
    told = config.environment()
    if told.get("LISTEN_PID") != str(os.getpid()):
        return None
    if told.get("LISTEN_FDS") != "1":
        raise LinkholdError(f"Linkhold listens on one socket, and was given {told.get('LISTEN_FDS')}.")
    return socket.socket(fileno=FIRST_DESCRIPTOR)


def notify(*states: str) -> bool:
    """Tell the manager, such as `READY=1`, if there is one; returns False when it has no room to hear it."""
    address = config.environment().get("NOTIFY_SOCKET", "")
    if not address:
        return True
    # A name that begins with "@" is one of Linux's abstract sockets.
    name = f"\0{address[1:]}" if address.startswith("@") else address
    with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as telling:
        telling.settimeout(NOTIFY_SECONDS)  # a manager that hears nothing is no reason to hang
        try:
            telling.sendto("\n".join(states).encode(), name)
        except TimeoutError:
            return False
    return True


class Lives(Protocol):
    """Tells whether the service lives: whether it gave a sign of life within so many seconds."""

    def __call__(self, *, within: float) -> bool:
        """Tell it."""


def watch(lives: Lives) -> None:
    """Tell the manager's watchdog that all is well, for as long as the service lives.

    The manager ends a service that it does not hear of for `WATCHDOG_USEC`, and starts it anew: a process
    that hangs is no service.
    """
    microseconds = config.environment().get("WATCHDOG_USEC", "")
    if not microseconds.isdecimal():
        return
    every = int(microseconds) / 1e6 / 4
    threading.Thread(target=_watch, args=(lives, every), name="watchdog", daemon=True).start()


def _watch(lives: Lives, every: float) -> None:
    while True:
        if lives(within=every):
            notify("WATCHDOG=1")
        else:
            log.warning("There is no sign of life: the service manager is not told that all is well")
        clock.sleep(every)
