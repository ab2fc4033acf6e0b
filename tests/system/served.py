"""Linkhold as its users run it: real processes, a real port, a data directory of its own."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import signal
import socket
import subprocess
import sys
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil
import psycopg
from psycopg.rows import dict_row

import owned
import pooling
from linkhold.postgres import server
from linkhold.postgres.binaries import Binaries
from linkhold.postgres.lease import Lease
from patience import SECONDS, until
from pooling import POOLED, Pooler

BIN = Path(sys.executable).parent
LINKHOLD = str(BIN / "linkhold")
UNHURRIED = [sys.executable, "-m", "system.unhurried", "serve"]
"""Serves with other limits of time, which its environment names."""
TESTS = Path(__file__).parent.parent
PASSWORD = "correct horse battery"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def is_postgres(process: psutil.Process, word: str = "") -> bool:
    """Tell whether it is of PostgreSQL with the word in its title; one that has ended is not."""
    try:
        return process.name().startswith("postgres") and word in " ".join(process.cmdline())
    except psutil.NoSuchProcess:
        return False


@dataclass
class Served:
    """A data directory and the server on it; started, killed and started again at one port.

    With `programs`, Linkhold is given the URL of a PostgreSQL of one's own, which is made of these, and
    which it neither starts nor stops: that is then for the test to do, and for us. Where the run asks for
    a pooler, Linkhold goes through it; tests go straight to the server.
    """

    root: Path
    environment: dict[str, str] = field(default_factory=dict)
    command: list[str] = field(default_factory=lambda: [LINKHOLD, "serve"])
    port: int = field(default_factory=free_port)
    token: str = ""
    process: subprocess.Popen[bytes] | None = None
    owner: int = 1
    programs: Binaries | None = field(default_factory=owned.programs)
    lease: Lease | None = None
    pooler: Pooler | None = None
    ends: ExitStack = field(default_factory=ExitStack)

    @property
    def cluster(self) -> Path:
        """Where PostgreSQL has its files."""
        return (self.data if self.lease is None else self.root / "own") / "postgres"

    @property
    def data(self) -> Path:
        return self.root / "data"

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def log(self) -> Path:
        return self.root / "log"

    def env(self) -> dict[str, str]:
        own = {
            "LINKHOLD_DATA_DIR": str(self.data),
            "LINKHOLD_PORT": str(self.port),
            "PYTHONPATH": str(TESTS),
        }
        return os.environ | own | self.environment

    def run(self, *arguments: str, text: str = "") -> str:
        """Run a command of Linkhold and return what it prints."""
        done = subprocess.run(
            [LINKHOLD, *arguments], env=self.env(), input=text, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def provide(self) -> None:
        """See that there is the PostgreSQL that this run is about."""
        if self.programs is not None and "LINKHOLD_DATABASE_URL" not in self.environment:
            self.start_postgres()

    def prepare(self) -> None:
        """Make an account and a token."""
        self.provide()
        self.run("account", "add", "ada", "--password-stdin", text=PASSWORD)
        self.token = self.run(
            "token", "add", "--account", "ada", "--name", "t", "--scope", "read", "--scope", "write"
        )

    def start_postgres(self) -> None:
        """Start one's own PostgreSQL, and look after it as a service manager would."""
        self.lease = server.acquire(self.root / "own", say=print, binaries=self.programs)
        self.lease.watch(0.5, print)
        if not POOLED:
            self.environment["LINKHOLD_DATABASE_URL"] = self.lease.url
        elif self.pooler is None:
            self.pooler = self.ends.enter_context(pooling.through(self.lease.socket_dir))
            self.environment |= self.pooler.told(self.lease.url)

    def stop_postgres(self) -> None:
        """Stop one's own PostgreSQL."""
        assert self.lease is not None
        self.lease.close()

    def start(self) -> None:
        """Start the server and wait until it is ready."""
        if self.lease is not None:
            # A Linkhold that finds none at its start says so, and ends.
            until(self._has_postgres)
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(self.command, env=self.env(), stdout=log, stderr=log)
        self.wait_ready()

    def wait_ready(self, seconds: float = SECONDS) -> None:
        def is_ready() -> bool:
            assert self.process is None or self.process.poll() is None, self.told()
            try:
                return self.request("GET", "/readyz")[0] == 200
            except (OSError, http.client.HTTPException):
                return False

        until(is_ready, seconds=seconds, told=lambda: f"it did not become ready:\n{self.told()}")

    def _has_postgres(self) -> bool:
        try:
            self.database().close()
            # The same through a pooler, which may not have noticed yet that the server is there again.
            psycopg.connect(self.environment["LINKHOLD_DATABASE_URL"]).close()
        except (psycopg.Error, OSError, IndexError):
            return False
        return True

    def told(self) -> str:
        return self.log.read_text(errors="replace")[-3000:] if self.log.exists() else ""

    def connect(self, timeout: float = 30) -> http.client.HTTPConnection:
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout)

    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}

    def request(self, method: str, path: str, body: Any = None) -> tuple[int, bytes, dict[str, str]]:
        """Make one request on a connection of its own."""
        connection = self.connect()
        try:
            data = None if body is None else json.dumps(body)
            connection.request(method, path, data, self.headers())
            answer = connection.getresponse()
            return answer.status, answer.read(), {k.lower(): v for k, v in answer.getheaders()}
        finally:
            connection.close()

    def database(self, user: str = "linkhold") -> psycopg.Connection[tuple[Any, ...]]:
        """Connect to PostgreSQL as it is found on the disk."""
        lines = (self.cluster / "data/postmaster.pid").read_text().splitlines()
        near = self.cluster / "socket"
        directory = lines[4] if lines[4].startswith("/") and "/proc/" not in lines[4] else str(near)
        return psycopg.connect(host=directory, user=user, dbname="linkhold", autocommit=True)

    def rows(self, query: str) -> list[dict[str, Any]]:
        """Return what a query finds, by the names of its columns."""
        with self.database() as connection, connection.cursor(row_factory=dict_row) as cursor:
            return cursor.execute(query).fetchall()

    def wait_for_lock(self) -> None:
        """Wait until a request waits for a lock in the database, which a test holds."""
        until(lambda: self.rows("SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock'"))

    def workers(self) -> list[psutil.Process]:
        """Return the web processes below the one that was started."""
        assert self.process is not None
        children = psutil.Process(self.process.pid).children()
        return [child for child in children if not is_postgres(child)]

    def postmaster(self) -> psutil.Process | None:
        path = self.cluster / "data/postmaster.pid"
        try:
            process = psutil.Process(int(path.read_text().split()[0]))
            return process if process.name().startswith("postgres") else None
        except (OSError, ValueError, IndexError, psutil.Error):
            return None

    def backends(self) -> list[psutil.Process]:
        """Return the processes in which PostgreSQL serves Linkhold's connections."""
        postmaster = self.postmaster()
        try:
            children = postmaster.children() if postmaster else []
        except psutil.NoSuchProcess:
            return []
        return [child for child in children if is_postgres(child, "linkhold")]

    def kill(self) -> None:
        """Kill the web process and its workers at once."""
        assert self.process is not None
        for process in [*self.workers(), psutil.Process(self.process.pid)]:
            with contextlib.suppress(psutil.NoSuchProcess):
                process.kill()
        self.process.wait()

    def stop(self, number: signal.Signals = signal.SIGTERM) -> int:
        """Ask it to stop, wait, and return its exit status."""
        assert self.process is not None
        self.process.send_signal(number)
        try:
            status = self.process.wait(SECONDS)
        except subprocess.TimeoutExpired as error:
            raise AssertionError(f"it did not stop:\n{self.told()}") from error
        self.process = None
        return status

    def close(self) -> None:
        """Leave nothing running."""
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()
            self.process.wait(SECONDS)
        self.ends.close()
        if self.lease is not None:
            self.stop_postgres()
        elif self.postmaster() is not None and "LINKHOLD_DATABASE_URL" not in self.environment:
            subprocess.run([LINKHOLD, "db", "stop"], env=self.env(), capture_output=True, check=False)
