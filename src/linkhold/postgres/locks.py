"""Advisory locks on files: the kernel releases them when their holder ends, however it ends."""

from __future__ import annotations

import errno
import fcntl
import math
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from linkhold import clock
from linkhold.errors import ServerFault
from linkhold.postgres import faults

_SPEAK_AFTER = 2.0
_SPEAK_EVERY = 10.0


class Busy(Exception):
    """Another process holds the lock for longer than we wait."""


def open_file(path: Path) -> int:
    """Open a lock's file, made if it is missing; it belongs to whom its directory belongs to."""
    flags = os.O_NOFOLLOW | os.O_CLOEXEC
    with faults.told_about(path.parent):
        try:
            handle = os.open(path, os.O_RDWR | os.O_CREAT | flags, 0o600)
        except OSError as error:
            # A disk with errors turns read-only under a server that runs, which must still be stopped.
            if error.errno != errno.EROFS or not path.exists():
                raise
            return os.open(path, os.O_RDONLY | flags)
        if os.geteuid() == 0:
            owner = path.parent.stat()
            os.fchown(handle, owner.st_uid, owner.st_gid)
    return handle


def try_exclusive(path: Path) -> int | None:
    """Return a descriptor that holds the lock alone, or None when another holds it."""
    handle = open_file(path)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(handle)
        return None
    return handle


def share(path: Path) -> int:
    """Return a descriptor that holds the lock together with others."""
    handle = open_file(path)
    fcntl.flock(handle, fcntl.LOCK_SH)
    return handle


def is_held(path: Path) -> bool:
    """Tell whether any process holds the lock, without making its file."""
    try:
        with faults.told_about(path):
            handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    except ServerFault as fault:
        if isinstance(fault.__cause__, FileNotFoundError):
            return False
        raise
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        fcntl.flock(handle, fcntl.LOCK_UN)
    except BlockingIOError:
        return True
    else:
        return False
    finally:
        os.close(handle)


@contextmanager
def exclusive(path: Path, say: Callable[[str], None], *, seconds: float = math.inf) -> Iterator[None]:
    """Hold the lock alone for the block; waits for it, and says so, and raises `Busy` in the end."""
    began = clock.monotonic()
    speak_at = began + _SPEAK_AFTER
    while (handle := try_exclusive(path)) is None:
        now = clock.monotonic()
        if now - began > seconds:
            raise Busy
        if now >= speak_at:
            say("Waiting for another linkhold process that is starting or stopping PostgreSQL.")
            speak_at = now + _SPEAK_EVERY
        clock.sleep(0.01)
    try:
        yield
    finally:
        # Unlocked by name: a child forked meanwhile has a copy of the descriptor, which would keep the lock.
        fcntl.flock(handle, fcntl.LOCK_UN)
        os.close(handle)
