"""A pgbouncer in transaction mode in front of the suite's PostgreSQL: `TEST_PGBOUNCER=1 pytest …`."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

import needs
from linkhold.postgres import connection
from linkhold.postgres.lease import Lease
from patience import until

PORT = 6432
DEPLOY = Path(__file__).parents[1] / "deploy/postgresql"


@contextmanager
def through(lease: Lease) -> Iterator[Path]:
    """Run a pgbouncer for the block, by the configuration that we hand out; yields its socket's directory."""
    program = needs.program("pgbouncer")
    where = connection.conninfo(lease.socket_dir, user="postgres", database="postgres")
    with psycopg.connect(where, autocommit=True) as admin:
        for line in (DEPLOY / "role.sql").read_text().split(";")[:-1]:
            admin.execute(line.encode())
    owner = lease.socket_dir.stat()
    with tempfile.TemporaryDirectory(prefix="linkhold-pgbouncer-", ignore_cleanup_errors=True) as directory:
        os.chown(directory, owner.st_uid, owner.st_gid)
        configuration = Path(directory) / "pgbouncer.ini"
        configuration.write_text(_configured(lease.socket_dir, directory))
        # The suite runs as whoever runs it, and not as the user linkhold; tests/install has the real rules.
        (Path(directory) / "hba.conf").write_text("local all linkhold trust\n")
        shutil.copy(DEPLOY / "users.txt", directory)
        configuration.chmod(0o644)
        process = subprocess.Popen([*_as_user(owner), program, "--quiet", configuration])
        try:
            until((Path(directory) / f".s.PGSQL.{PORT}").exists, told=(Path(directory) / "log").read_text)
            yield Path(directory)
        finally:
            process.terminate()
            process.wait(30)


def _as_user(owner: os.stat_result) -> list[str]:
    """Return what makes a program run as the server's user, who may walk to the server's socket all the same.

    pgbouncer does not run as root, and as root the suite has its server in a directory of root's alone.
    """
    if os.geteuid() != 0:
        return []
    may = "+dac_read_search,+dac_override"
    who = [f"--reuid={owner.st_uid}", f"--regid={owner.st_gid}", "--clear-groups"]
    return ["setpriv", *who, f"--inh-caps={may}", f"--ambient-caps={may}"]


def _configured(socket_dir: Path, directory: str) -> str:
    """Return the configuration with the places, and the many databases, of the suite."""
    text = (DEPLOY / "pgbouncer.ini").read_text()
    text = re.sub(r"^linkhold = .*$", f"* = host={socket_dir}", text, flags=re.MULTILINE)
    text = text.replace("/run/pgbouncer", directory).replace("/etc/pgbouncer", directory)
    assert f"listen_port = {PORT}" in text
    # Many tests have a database of their own, whose connections nobody wants a moment later.
    return f"{text}server_idle_timeout = 5\nlogfile = {directory}/log\npidfile =\n"
