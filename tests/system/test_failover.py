"""Two real servers, the first killed under load, the second promoted: no acknowledged save is lost."""

from __future__ import annotations

import os
import pwd
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from pathlib import Path

import psycopg
import pytest

import needs
import pooling
from linkhold import clock
from patience import until
from pooling import POOLED
from system import verdict
from system.served import Served
from system.writer import Writer

USER = "daemon"
PORT = 5433


class Server:
    """A PostgreSQL of its own, on a Unix socket."""

    def __init__(self, root: Path, name: str) -> None:
        self.bin = needs.debian_postgres()
        self.name, self.data, self.socket = name, root / name / "data", root / name
        self.socket.mkdir()
        self.entry = pwd.getpwnam(USER) if os.geteuid() == 0 else pwd.getpwuid(os.geteuid())
        os.chown(self.socket, self.entry.pw_uid, self.entry.pw_gid)

    def run(self, program: str, *arguments: str | Path) -> None:
        done = subprocess.run(
            [self.bin / program, *arguments],
            user=self.entry.pw_uid,
            group=self.entry.pw_gid,
            extra_groups=[],
            cwd="/",
            env={"PATH": "/usr/bin:/bin"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            check=False,
        )
        assert done.returncode == 0, program

    def make(self) -> None:
        self.run(
            "initdb",
            "--username=postgres",
            "--auth=trust",
            "--encoding=UTF8",
            "--data-checksums",
            "-D",
            self.data,
        )

    def start(self, **settings: str) -> None:
        values = {
            "listen_addresses": "",
            "unix_socket_directories": str(self.socket),
            "port": str(PORT),
            **settings,
        }
        options = " ".join(f"-c {name}='{value}'" for name, value in values.items())
        self.run("pg_ctl", "start", "--wait", "-D", self.data, "-l", self.socket / "log", "-o", options)

    def copy(self, primary: Server) -> None:
        source = f"host={primary.socket} port={PORT} user=postgres application_name={self.name}"
        self.run("pg_basebackup", "-d", source, "-D", self.data, "--write-recovery-conf", "--checkpoint=fast")

    def connect(self) -> psycopg.Connection[tuple[object, ...]]:
        return psycopg.connect(
            host=str(self.socket), port=PORT, user="postgres", dbname="postgres", autocommit=True
        )

    def kill(self) -> None:
        """Kill its first process as a power cut would; the others end by themselves."""
        pid = int((self.data / "postmaster.pid").read_text().split()[0])
        os.kill(pid, 9)

    def end(self) -> None:
        with suppress(AssertionError):
            self.run("pg_ctl", "stop", "--mode=immediate", "-D", self.data)


@pytest.fixture
def servers() -> Iterator[tuple[Server, Server]]:
    """A primary, and a standby without which no commit is acknowledged."""
    with tempfile.TemporaryDirectory(prefix="linkhold-failover-", ignore_cleanup_errors=True) as directory:
        Path(directory).chmod(0o755)
        primary, standby = Server(Path(directory), "first"), Server(Path(directory), "second")
        primary.make()
        primary.start()
        try:
            with primary.connect() as admin:
                admin.execute("CREATE ROLE linkhold LOGIN")
                admin.execute("CREATE DATABASE linkhold OWNER linkhold")
            standby.copy(primary)
            standby.start()
            with primary.connect() as admin:
                admin.execute("ALTER SYSTEM SET synchronous_standby_names = '*'")
                admin.execute("SELECT pg_reload_conf()")
                wait_for(admin, "SELECT count(*) FROM pg_stat_replication WHERE sync_state = 'sync'")
            yield primary, standby
        finally:
            standby.end()
            primary.end()


@pytest.fixture
def ends() -> Iterator[ExitStack]:
    """Return what ends a pooler before its servers are ended."""
    with ExitStack() as stack:
        yield stack


def wait_for(admin: psycopg.Connection[tuple[object, ...]], question: str) -> None:
    until(lambda: admin.execute(question).fetchone() == (1,))


def test_a_failover_under_load_loses_no_acknowledged_save(
    servers: tuple[Server, Server], ends: ExitStack, tmp_path: Path
) -> None:
    primary, standby = servers
    hosts = f"host={primary.socket},{standby.socket}&port={PORT},{PORT}"
    url = f"postgresql://linkhold@/linkhold?{hosts}&target_session_attrs=read-write"
    served = Served(tmp_path, environment={"LINKHOLD_DATABASE_URL": url})
    pooler = ends.enter_context(pooling.through(primary.socket, port=PORT)) if POOLED else None
    if pooler is not None:
        served.environment |= pooler.told(url)
    served.database = lambda user="linkhold": standby_of(standby, user)  # type: ignore[method-assign]  # elsewhere
    writer = Writer(served)
    try:
        served.prepare()
        served.start()
        writer.start()
        until(lambda: len(writer.acknowledged) > 10)
        primary.kill()
        clock.sleep(1)
        standby.run("pg_ctl", "promote", "--wait", "-D", standby.data)
        if pooler is not None:
            pooler.lead_to(standby.socket, port=PORT)
        served.wait_ready()
        promoted = len(writer.acknowledged)
        until(lambda: len(writer.acknowledged) > promoted + 10)
        writer.stop()
        verdict.assert_kept(served, writer)
    finally:
        writer.stop()
        served.close()


def standby_of(standby: Server, user: str) -> psycopg.Connection[tuple[object, ...]]:
    return psycopg.connect(host=str(standby.socket), port=PORT, user=user, dbname="linkhold", autocommit=True)
