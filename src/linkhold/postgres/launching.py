"""Launches the server on a cluster in which no process works, and waits until it accepts connections."""

from __future__ import annotations

import os
import signal
import subprocess
import tempfile
import threading
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil

from linkhold.postgres import cluster, faults, places, postmaster, privileges, settings
from linkhold.postgres.places import Place
from linkhold.postgres.postmaster import Postmaster
from linkhold.postgres.programs import Hands, read_back
from linkhold.postgres.vigil import Vigil


@dataclass(frozen=True, slots=True)
class Opened:
    """The open files that the server gets: its directories, and where it writes before it has a log."""

    data: int
    log: int
    socket: int
    socket_dir: Path
    stderr: int


def launch(
    place: Place, hands: Hands, vigil: Vigil, *, extra_settings: Mapping[str, str]
) -> Postmaster | None:
    """Return the server when it is ready; None when the memory of a killed one is still in use.

    Raises the `ServerFault` that its log tells, and `ServerStuck`.
    """
    with _opened(place, hands) as opened:
        clear_pid_file(place, opened.data)
        cluster.write_access_rules(place.data, opened.data, names=privileges.names_allowed(hands.user))
        vigil.journal.prune()
        process = _launch(place, hands, opened, extra_settings)
        started = _until_ready(place, process, vigil)
        if started is not None:
            return started
        text = read_back(opened.stderr) + vigil.journal.text()
    if faults.SHARED_MEMORY_IN_USE.search(text):
        return None
    raise faults.from_log(text, path=place.data, user=hands.user.name, log=place.log)


def clear_pid_file(place: Place, data: int) -> None:
    """See that a pid file left by a crash does not stop the new server. No process works in the cluster.

    PostgreSQL refuses to start when the number in it belongs to any process by now. The file is not simply
    removed, because it also has the key of the old server's shared memory, by which PostgreSQL finds out
    whether a process still uses it: so the number is replaced by ours, which PostgreSQL knows for its parent.
    """
    path = place.data / postmaster.PID_FILE
    if not path.exists():
        return
    pid = postmaster.recorded_pid(place)
    if pid is None:
        with faults.told_about(path):
            path.unlink()
    elif psutil.pid_exists(pid):
        lines = [str(os.getpid()), *postmaster.lines_after_pid(place)]
        cluster.put(place.data, data, postmaster.PID_FILE, text="\n".join(lines) + "\n")


@contextmanager
def _opened(place: Place, hands: Hands) -> Iterator[Opened]:
    socket_dir = places.choose_socket_dir(place, hands.user)
    with ExitStack() as stack:
        data, log, socket = (
            stack.enter_context(places.opened(path)) for path in (place.data, place.log, socket_dir)
        )
        stderr = _scratch()
        stack.callback(os.close, stderr)
        yield Opened(data, log, socket, socket_dir, stderr)


def _scratch() -> int:
    """Open a file without a name; in memory where that is possible, because the disk may be full."""
    if hasattr(os, "memfd_create"):
        return os.memfd_create("linkhold-postgres-start")
    with tempfile.TemporaryFile() as file:
        return os.dup(file.fileno())


def _launch(
    place: Place, hands: Hands, opened: Opened, extra_settings: Mapping[str, str]
) -> subprocess.Popen[bytes]:
    # A socket directory with a short path can be walked to, and its name be told to others.
    near = opened.socket_dir == place.socket
    socket_dir = hands.name_of(opened.socket_dir, opened.socket) if near else str(opened.socket_dir)
    directories = {
        "unix_socket_directories": settings.quoted(socket_dir),
        "log_directory": hands.name_of(place.log, opened.log),
    }
    process = hands.launch(
        "postgres",
        ["-D", hands.name_of(place.data, opened.data), *settings.command_line(directories, extra_settings)],
        passing=[opened.data, opened.log, opened.socket],
        stderr=opened.stderr,
    )
    # Its parent has to take note of its end, or it stays as a zombie; nobody else does in a container.
    threading.Thread(target=process.wait, name="linkhold-postgres-reaper", daemon=True).start()
    return process


def _until_ready(place: Place, process: subprocess.Popen[bytes], vigil: Vigil) -> Postmaster | None:
    """Wait until the server accepts connections; None when its process ended instead."""
    try:
        while process.poll() is None:
            living = postmaster.find(place)
            if living is not None and living.ready and living.pid == process.pid:
                return living
            vigil.wait(process.pid, "is starting")
    except BaseException:
        # Also for Ctrl-C: what nobody waits for any more must not stay.
        process.send_signal(signal.SIGINT)
        raise
    return None
