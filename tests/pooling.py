"""A pgbouncer in transaction mode in front of a PostgreSQL of the suite: `TEST_PGBOUNCER=1 pytest …`."""

from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
from sqlalchemy import make_url

import needs
from patience import until

POOLED = os.environ.get("TEST_PGBOUNCER") == "1"
PORT = 6432
DEPLOY = Path(__file__).parents[1] / "deploy/postgresql"


@dataclass
class Pooler:
    """A pgbouncer, in a directory of its own."""

    directory: Path
    command: list[str]
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it, and wait until it takes connections."""
        self.process = subprocess.Popen(self.command)
        until(self._answers, told=(self.directory / "log").read_text)

    def kill(self) -> None:
        """Kill it at once."""
        assert self.process is not None
        self.process.kill()
        self.process.wait()

    def _answers(self) -> bool:
        with socket.socket(socket.AF_UNIX) as attempt:
            return attempt.connect_ex(str(self.directory / f".s.PGSQL.{PORT}")) == 0

    def url(self, database: str) -> str:
        """Return the URL of a database, for its owner."""
        return f"postgresql://linkhold@/{database}?host={self.directory}&port={PORT}"

    def told(self, straight: str) -> dict[str, str]:
        """Return what Linkhold is told, given the URL that leads `straight` to its database."""
        return {
            "LINKHOLD_DATABASE_URL": self.url(make_url(straight).database or ""),
            "LINKHOLD_DATABASE_POOLER": "transaction",
            "LINKHOLD_DATABASE_DIRECT_URL": straight,
        }

    def lead_to(self, socket_dir: Path, *, port: int = 5432) -> None:
        """Lead to another server from now on, as an administrator does who edits a line and reloads."""
        assert self.process is not None
        (self.directory / "pgbouncer.ini").write_text(_configured(socket_dir, port, self.directory))
        self.process.send_signal(signal.SIGHUP)


@contextmanager
def through(socket_dir: Path, *, port: int = 5432, patience: int | None = None) -> Iterator[Pooler]:
    """Run a pgbouncer for the block, by the configuration that we hand out, before the server of a socket.

    With `patience` who waits for a connection waits so many seconds, instead of the five of ours.
    """
    program = needs.program("pgbouncer")
    with psycopg.connect(
        host=str(socket_dir), port=port, user="postgres", dbname="postgres", autocommit=True
    ) as admin:
        for line in (DEPLOY / "role.sql").read_text().split(";")[:-1]:
            admin.execute(line.encode())
    owner = socket_dir.stat()
    with tempfile.TemporaryDirectory(prefix="linkhold-pgbouncer-", ignore_cleanup_errors=True) as name:
        directory = Path(name)
        os.chown(directory, owner.st_uid, owner.st_gid)
        configuration = directory / "pgbouncer.ini"
        text = _configured(socket_dir, port, directory)
        if patience is not None:
            text += f"query_wait_timeout = {patience}\n"  # the last one counts
        configuration.write_text(text)
        # The suite runs as whoever runs it, and not as the user linkhold; tests/install has the real rules.
        (directory / "hba.conf").write_text("local all linkhold trust\n")
        shutil.copy(DEPLOY / "users.txt", directory)
        configuration.chmod(0o644)
        pooler = Pooler(directory, [*_as_user(owner), program, "--quiet", str(configuration)])
        try:
            pooler.start()
            yield pooler
        finally:
            if pooler.process is not None:
                pooler.process.terminate()
                pooler.process.wait(30)


def _as_user(owner: os.stat_result) -> list[str]:
    """Return what makes a program run as the server's user, who may walk to the server's socket all the same.

    pgbouncer does not run as root, and as root the suite has its server in a directory of root's alone.
    """
    if os.geteuid() != 0:
        return []
    may = "+dac_read_search,+dac_override"
    who = [f"--reuid={owner.st_uid}", f"--regid={owner.st_gid}", "--clear-groups"]
    return ["setpriv", *who, f"--inh-caps={may}", f"--ambient-caps={may}"]


def _configured(socket_dir: Path, port: int, directory: Path) -> str:
    """Return the configuration with the places, and the many databases, of the suite."""
    text = (DEPLOY / "pgbouncer.ini").read_text()
    text = re.sub(r"^linkhold = .*$", f"* = host={socket_dir} port={port}", text, flags=re.MULTILINE)
    text = text.replace("/run/pgbouncer", str(directory)).replace("/etc/pgbouncer", str(directory))
    assert f"listen_port = {PORT}" in text
    # Many tests have a database of their own, whose connections nobody wants a moment later.
    return f"{text}server_idle_timeout = 5\nlogfile = {directory}/log\npidfile =\n"
