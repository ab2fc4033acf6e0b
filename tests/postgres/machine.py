"""What tests do to a server and to the processes that use it."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import psutil
import psycopg

from linkhold.postgres import binaries, connection, places, postmaster, server
from linkhold.postgres.lease import Lease
from patience import until

UNSAFE = {"fsync": "off"}
"""For tests in which durability is not the point."""


def pid_of(directory: Path) -> int:
    """Return the process of the server that runs."""
    pid = server.status(directory).pid
    assert pid is not None
    return pid


def kill_hard(directory: Path) -> None:
    """Kill the server's first process as a power cut would, and wait until it is gone."""
    pid = pid_of(directory)
    os.kill(pid, signal.SIGKILL)

    def is_gone() -> bool:
        found = postmaster.find(places.at(directory))
        return found is None or found.pid != pid  # somebody may have started the next

    until(is_gone)


def end(directory: Path) -> None:
    """See that no process of a server is left, whatever the test did."""
    living = postmaster.find(places.at(directory))
    if living is None:
        return
    if living.socket_dir != places.at(directory).socket:
        shutil.rmtree(living.socket_dir, ignore_errors=True)
    with contextlib.suppress(psutil.NoSuchProcess):  # it was about to end by itself
        process = psutil.Process(living.pid)
        family = [process, *process.children()]
        process.send_signal(signal.SIGQUIT)  # at once, but not without clearing up the shared memory
        process.resume()
        for survivor in psutil.wait_procs(family, timeout=5)[1]:
            survivor.kill()
        psutil.wait_procs(family, timeout=10)


def line(user: subprocess.Popen[str]) -> str:
    """Return the next line that another process prints."""
    assert user.stdout is not None
    return user.stdout.readline()


def use_elsewhere(directory: Path, then: str) -> subprocess.Popen[str]:
    """Start another process that uses the server, writes the server's process number, and does something."""
    program = (
        "import sys, pathlib\n"
        "from linkhold.postgres import server\n"
        "directory = pathlib.Path(sys.argv[1])\n"
        "lease = server.acquire(directory, say=lambda _: None, extra_settings={'fsync': 'off'})\n"
        "print(server.status(directory).pid, flush=True)\n"
        f"{then}\n"
    )
    return subprocess.Popen(
        [sys.executable, "-c", program, directory], stdout=subprocess.PIPE, stdin=subprocess.PIPE, text=True
    )


def state_on_disk(directory: Path) -> str:
    """Return what the cluster's control file says about how the server ended."""
    report = subprocess.run(
        [binaries.bundled().program("pg_controldata"), places.at(directory).data],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    return next(line.split(":", 1)[1].strip() for line in report.splitlines() if "cluster state" in line)


def ask(lease: Lease, query: str, user: str = "linkhold") -> list[tuple[object, ...]]:
    """Run one statement and return its rows, if it has any."""
    where = connection.conninfo(lease.socket_dir, user=user, database="linkhold")
    with psycopg.connect(where) as open_connection:
        cursor = open_connection.execute(query)
        return cursor.fetchall() if cursor.description else []
