"""Stops the server when nobody uses it."""

from __future__ import annotations

import contextlib
import math
from collections.abc import Callable

from linkhold import clock
from linkhold.postgres import locks, postmaster
from linkhold.postgres.places import Place

SECONDS = 8.0
"""How long a stop is waited for, unless told. A longer one ends by itself; the next start waits for it."""

LOCK_SECONDS = SECONDS + 2
"""How long one who leaves waits for the lock, which another has who starts the server, or stops it."""

_COPIES_CLOSE_WITHIN = 0.05


def stop_if_unused(place: Place, say: Callable[[str], None], *, within: float = math.inf) -> None:
    """Stop the server if this process was the last to use it, and has just ceased to.

    All of it takes no longer than `within` seconds.
    """
    give_up = clock.monotonic() + within
    try:
        with locks.exclusive(place.server_lock, say, seconds=min(LOCK_SECONDS, within)):
            if not in_use(place):
                stop(place, within=give_up - clock.monotonic())
    except locks.Busy:
        # Whoever holds the lock for so long waits for a start, and is the next user, or for a stop.
        return


def in_use(place: Place) -> bool:
    """Tell whether any process uses the server."""
    # A program that another thread is starting has a copy of our descriptors for a moment, and so of a
    # lock that was just released.
    give_up = clock.monotonic() + _COPIES_CLOSE_WITHIN
    while locks.is_held(place.users_lock):
        if clock.monotonic() >= give_up:
            return True
        clock.sleep(0.005)
    return False


def stop(place: Place, *, within: float = math.inf) -> bool:
    """Stop the server, if one runs; tells whether one did. The caller holds the lock `server.lock`.

    It is waited for as long as `within` says, or for `SECONDS`.
    """
    living = postmaster.find(place)
    if living is None:
        return False
    postmaster.ask_to_stop(living)
    give_up = clock.monotonic() + (SECONDS if within == math.inf else within)
    while _is_there(place) and clock.monotonic() < give_up:
        clock.sleep(0.005)
    if living.socket_dir != place.socket:
        # The short one lies among the directories of others. It goes if the server has left it empty.
        with contextlib.suppress(OSError):
            living.socket_dir.rmdir()
    return True


def _is_there(place: Place) -> bool:
    return postmaster.find(place) is not None or locks.is_held(place.running_lock)
