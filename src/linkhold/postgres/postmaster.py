"""The server's first process, as its pid file in the cluster describes it: found, judged, asked to stop."""

from __future__ import annotations

import contextlib
import os
import signal
from dataclasses import dataclass
from pathlib import Path

import psutil

from linkhold.postgres import locks, places
from linkhold.postgres.places import Place

PID_FILE = "postmaster.pid"
_BEGAN_LINE = 2
_SOCKET_LINE = 4
_STATE_LINE = 7
_CLOCKS_AGREE_WITHIN = 3.0


@dataclass(frozen=True, slots=True)
class Postmaster:
    """A living server: which process, where its socket is, and what it says that it is doing."""

    pid: int
    socket_dir: Path
    state: str
    """`starting`, `ready` or `stopping`."""

    @property
    def ready(self) -> bool:
        """Whether it accepts connections."""
        return self.state == "ready"


def find(place: Place) -> Postmaster | None:
    """Return the living server of this place, whoever started it, or None."""
    lines = _read(place)
    pid = _pid(lines)
    if pid is None or not _is_server(pid, lines, place):
        return None
    state = lines[_STATE_LINE].strip() if len(lines) > _STATE_LINE else "starting"
    return Postmaster(pid, _socket_dir(lines, place), state)


def was_left_behind(place: Place) -> bool:
    """Tell whether a server ended without clearing up, which is to say that it crashed."""
    return _read(place) != [] and find(place) is None


def recorded_pid(place: Place) -> int | None:
    """Return the number in the pid file, whatever process has it now; None when there is no such number."""
    return _pid(_read(place))


def lines_after_pid(place: Place) -> list[str]:
    """Return the rest of the pid file, in which PostgreSQL keeps the key of its shared memory."""
    return _read(place)[1:]


def ask_to_stop(postmaster: Postmaster) -> None:
    """Ask for a fast shutdown: transactions are rolled back, all that was committed is written down."""
    with contextlib.suppress(ProcessLookupError):
        os.kill(postmaster.pid, signal.SIGINT)


def _read(place: Place) -> list[str]:
    try:
        return (place.data / PID_FILE).read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return []


def _pid(lines: list[str]) -> int | None:
    try:
        return abs(int(lines[0])) or None
    except (IndexError, ValueError):
        return None


def _is_server(pid: int, lines: list[str], place: Place) -> bool:
    """Tell whether a process is a PostgreSQL that works in this cluster: its number may be another's."""
    try:
        process = psutil.Process(pid)
        if process.status() == psutil.STATUS_ZOMBIE or not process.name().startswith("postgres"):
            return False
        try:
            return Path(process.cwd()).samefile(place.data)
        except psutil.AccessDenied:
            # Root in a container may not look. No other cluster's server holds the lock of this one; and one
            # that was started by hand, without the lock, began when the file says so.
            return locks.is_held(place.running_lock) or _began_as_written(process, lines)
    except (psutil.NoSuchProcess, OSError):
        return False


def _began_as_written(process: psutil.Process, lines: list[str]) -> bool:
    try:
        return abs(process.create_time() - float(lines[_BEGAN_LINE])) < _CLOCKS_AGREE_WITHIN
    except (IndexError, ValueError):
        return False


def _socket_dir(lines: list[str], place: Place) -> Path:
    written = lines[_SOCKET_LINE].strip() if len(lines) > _SOCKET_LINE else ""
    # An open directory that was handed to the server has a name that means something to the server alone.
    if written.startswith("/") and not written.startswith("/proc/self/"):
        return Path(written)
    return place.socket


def can_be_trusted(postmaster: Postmaster, place: Place) -> bool:
    """Tell whether nobody but the cluster's owner can have made the socket."""
    return places.is_private(postmaster.socket_dir, place.data.stat().st_uid)
