"""What prevents a start is told in one clear sentence, and nothing is changed by it."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable
from contextlib import ExitStack, suppress
from pathlib import Path

import psutil
import psycopg
import pytest

import needs
from linkhold.errors import (
    DiskFull,
    NotACluster,
    OtherMajorVersion,
    PermissionLost,
    ReadOnly,
    ServerFault,
)
from linkhold.postgres import binaries, locks, places, server, stopping
from linkhold.postgres.lease import Lease
from patience import until
from postgres import machine

Acquire = Callable[..., Lease]
needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files to others")


def assert_clear(fault: pytest.ExceptionInfo[ServerFault], *parts: object) -> None:
    """See that a fault is one paragraph that names what it is about."""
    message = fault.value.message
    assert all(str(part) in message for part in parts), message
    assert "\n" not in message
    assert "Errno" not in message


def test_data_of_an_older_postgres(data_dir: Path, acquire: Acquire) -> None:
    version = places.at(data_dir).data / "PG_VERSION"
    version.write_text("17\n")
    with pytest.raises(OtherMajorVersion) as fault:
        acquire(data_dir)
    assert_clear(fault, version.parent, "PostgreSQL 17", "PostgreSQL 18")


def test_data_that_debians_postgres_made(new_dir: Path, acquire: Acquire) -> None:
    debian = needs.debian_postgres()
    acquire(new_dir, using=binaries.at(debian)).close()
    with pytest.raises(OtherMajorVersion) as fault:
        acquire(new_dir)
    assert_clear(fault, "PostgreSQL 15", "PostgreSQL 18")
    acquire(new_dir, using=binaries.at(debian)).close()


def test_a_new_directory_that_is_a_file(new_dir: Path, acquire: Acquire) -> None:
    new_dir.write_text("precious")
    with pytest.raises(NotACluster) as fault:
        acquire(new_dir)
    assert_clear(fault, new_dir)
    assert new_dir.read_text() == "precious"


@pytest.mark.parametrize("files", [[], ["thesis.txt"]])
def test_a_directory_of_somebody_else(files: list[str], new_dir: Path, acquire: Acquire) -> None:
    """An empty one is perhaps the place of a disk that is not mounted: a new cluster would hide it."""
    data = new_dir / "postgres" / "data"
    data.mkdir(parents=True)
    if os.geteuid() == 0:
        shutil.chown(data, "nobody")
    for name in files:
        (data / name).write_text("precious")
    with pytest.raises(NotACluster) as fault:
        acquire(new_dir)
    assert_clear(fault, data)
    assert [path.name for path in data.iterdir()] == files


def test_a_cluster_that_linkhold_did_not_make(data_dir: Path, acquire: Acquire) -> None:
    lease = acquire(data_dir)
    machine.ask(lease, "CREATE ROLE other SUPERUSER LOGIN", user="postgres")
    machine.ask(lease, "ALTER ROLE linkhold RENAME TO somebody", user="postgres")
    lease.close()
    with pytest.raises(NotACluster) as fault:
        acquire(data_dir)
    assert_clear(fault, places.at(data_dir).data)
    assert machine.state_on_disk(data_dir) == "shut down"


def test_a_read_only_disk(mounted: Callable[[int], Path], acquire: Acquire) -> None:
    disk = mounted(100)
    acquire(disk).close()
    subprocess.run(["mount", "-o", "remount,ro", disk], check=True)
    with pytest.raises(ReadOnly) as fault:
        acquire(disk)
    assert_clear(fault, disk)
    subprocess.run(["mount", "-o", "remount,rw", disk], check=True)
    assert machine.ask(acquire(disk), "SELECT 1") == [(1,)]


def test_a_read_only_disk_without_a_cluster(mounted: Callable[[int], Path], acquire: Acquire) -> None:
    disk = mounted(1)
    subprocess.run(["mount", "-o", "remount,ro", disk], check=True)
    with pytest.raises(ReadOnly) as fault:
        acquire(disk)
    assert_clear(fault, disk)


def test_a_disk_too_small_for_a_new_cluster(mounted: Callable[[int], Path], acquire: Acquire) -> None:
    disk = mounted(8)
    with pytest.raises(DiskFull) as fault:
        acquire(disk)
    assert_clear(fault, disk)
    assert not list((disk / "postgres").glob("data*"))


def test_a_disk_that_filled_up(mounted: Callable[[int], Path], acquire: Acquire) -> None:
    disk = mounted(100)
    lease = acquire(disk)
    machine.ask(lease, "CREATE TABLE kept AS SELECT 42 AS answer")
    lease.close()
    filler = disk / "filler"
    subprocess.run(["dd", "if=/dev/zero", f"of={filler}", "bs=4k"], capture_output=True, check=False)
    with pytest.raises(DiskFull) as fault:
        acquire(disk)
    assert_clear(fault, disk)
    filler.unlink()
    assert machine.ask(acquire(disk), "SELECT answer FROM kept") == [(42,)]


@needs_root
def test_a_cluster_given_to_another_user(data_dir: Path, acquire: Acquire) -> None:
    """Only its directory was: what is in it still belongs to the one before."""
    data = places.at(data_dir).data
    shutil.chown(data, "daemon")
    with pytest.raises(PermissionLost) as fault:
        acquire(data_dir)
    assert_clear(fault, data_dir, "daemon")


@needs_root
def test_a_cluster_given_to_root(data_dir: Path, acquire: Acquire) -> None:
    data = places.at(data_dir).data
    shutil.chown(data, "root")
    with pytest.raises(PermissionLost) as fault:
        acquire(data_dir)
    assert_clear(fault, data, "root")


@needs_root
def test_a_file_of_the_cluster_given_to_root(data_dir: Path, acquire: Acquire) -> None:
    shutil.chown(places.at(data_dir).data / "global" / "pg_control", "root")
    with pytest.raises(PermissionLost) as fault:
        acquire(data_dir)
    assert_clear(fault, places.at(data_dir).data, "pg_control")


def test_a_cluster_whose_permissions_were_taken_away(data_dir: Path, acquire: Acquire) -> None:
    data = places.at(data_dir).data
    data.chmod(0o000)
    with pytest.raises(PermissionLost) as fault:
        acquire(data_dir)
    assert_clear(fault, data)
    data.chmod(0o700)
    assert machine.ask(acquire(data_dir), "SELECT 1") == [(1,)]


def test_a_cluster_that_was_opened_to_others(data_dir: Path, acquire: Acquire) -> None:
    data = places.at(data_dir).data
    data.chmod(0o755)
    with pytest.raises(PermissionLost) as fault:
        acquire(data_dir)
    assert_clear(fault, data)


def test_a_parent_in_which_nothing_can_be_made(tmp_path: Path, acquire: Acquire) -> None:
    # Root may write everywhere but where the kernel itself has the files.
    parent = Path("/sys") if os.geteuid() == 0 else tmp_path
    tmp_path.chmod(0o500)
    with pytest.raises(PermissionLost) as fault:
        acquire(parent / "data")
    assert_clear(fault, parent / "data")
    tmp_path.chmod(0o700)


def test_a_setting_that_postgres_does_not_know(data_dir: Path, acquire: Acquire) -> None:
    with pytest.raises(ServerFault) as fault:
        acquire(data_dir, settings={"no_such_setting": "1"})
    assert_clear(fault, "no_such_setting", data_dir / "postgres" / "log")


def test_programs_that_are_not_there(tmp_path: Path) -> None:
    with pytest.raises(ServerFault) as fault:
        binaries.at(tmp_path)
    assert str(tmp_path) in fault.value.message


def test_programs_that_are_not_postgres(tmp_path: Path) -> None:
    program = tmp_path / "postgres"
    program.write_text("#!/bin/sh\necho hello\n")
    program.chmod(0o755)
    with pytest.raises(ServerFault) as fault:
        binaries.at(tmp_path)
    assert_clear(fault, tmp_path, "hello")


def test_a_wheel_that_is_not_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(binaries, "PACKAGE", "no_such_package")
    with pytest.raises(ServerFault, match="install linkhold again"):
        binaries.bundled()


def test_a_wheel_without_its_programs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(binaries, "INSTALLATION", "pginstall99")
    with pytest.raises(ServerFault, match="install linkhold again"):
        binaries.bundled()


def test_a_socket_that_was_removed(data_dir: Path, acquire: Acquire) -> None:
    lease = acquire(data_dir)
    (lease.socket_dir / places.SOCKET).unlink()
    with pytest.raises(ServerFault, match="cannot be reached") as fault:
        acquire(data_dir)
    assert_clear(fault, machine.pid_of(data_dir))


def test_a_socket_directory_that_was_opened_to_others(data_dir: Path, acquire: Acquire) -> None:
    lease = acquire(data_dir)
    lease.socket_dir.chmod(0o755)
    with pytest.raises(PermissionLost) as fault:
        acquire(data_dir)
    assert_clear(fault, lease.socket_dir)


def test_a_failed_acquire_does_not_take_the_server_from_others(data_dir: Path, acquire: Acquire) -> None:
    lease = acquire(data_dir)
    lease.socket_dir.chmod(0o755)
    with pytest.raises(PermissionLost):
        acquire(data_dir)
    assert machine.ask(lease, "SELECT 1") == [(1,)]


def test_a_server_with_no_connection_to_spare_is_still_the_server(data_dir: Path, acquire: Acquire) -> None:
    lease = acquire(data_dir, settings={"max_connections": "5"})
    with ExitStack() as taken:

        def took() -> bool:
            """Take a connection; the one that made the database may not have left its place yet."""
            with suppress(psycopg.OperationalError):
                taken.enter_context(psycopg.connect(lease.conninfo))
                return True
            return False

        for _ in range(2):
            until(took)
        assert acquire(data_dir).url == lease.url


def test_a_stop_that_takes_long_is_told(
    data_dir: Path, acquire: Acquire, monkeypatch: pytest.MonkeyPatch
) -> None:
    acquire(data_dir)
    pid = machine.pid_of(data_dir)
    monkeypatch.setattr(stopping, "in_use", lambda _: False)
    monkeypatch.setattr(stopping, "SECONDS", 0.2)
    psutil.Process(pid).suspend()
    with pytest.raises(ServerFault, match="it will end by itself") as fault:
        server.stop(data_dir)
    assert_clear(fault)
    psutil.Process(pid).resume()
    until(lambda: not server.status(data_dir).running)


def test_a_leaver_does_not_wait_for_a_long_start(
    data_dir: Path, acquire: Acquire, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever holds the lock for so long is about to use the server."""
    lease = acquire(data_dir)
    monkeypatch.setattr(stopping, "LOCK_SECONDS", 0.1)
    with locks.exclusive(places.at(data_dir).server_lock, print):
        lease.close()
        assert server.status(data_dir).running
    assert server.stop(data_dir)
