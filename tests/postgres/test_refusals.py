"""What prevents a start is told in one clear sentence, and nothing is changed by it."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
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

pytestmark = pytest.mark.embedded

Acquire = Callable[..., Lease]


@contextmanager
def refused(error: type[ServerFault], *parts: object) -> Iterator[None]:
    """See that the block is refused in one paragraph that names what it is about."""
    with pytest.raises(error) as fault:
        yield
    message = fault.value.message
    assert all(str(part) in message for part in parts), message
    assert "\n" not in message
    assert "Errno" not in message


def test_data_of_an_older_postgres_is_refused(data_dir: Path, acquire: Acquire) -> None:
    version = places.at(data_dir).data / "PG_VERSION"
    version.write_text("17\n")
    with refused(OtherMajorVersion, version.parent, "PostgreSQL 17", "PostgreSQL 18"):
        acquire(data_dir)


def test_data_that_debians_postgres_made_is_refused_and_stays_its_own(
    new_dir: Path, acquire: Acquire
) -> None:
    debian = needs.debian_postgres()
    acquire(new_dir, using=binaries.at(debian)).close()
    with refused(OtherMajorVersion, "PostgreSQL 15", "PostgreSQL 18"):
        acquire(new_dir)
    acquire(new_dir, using=binaries.at(debian)).close()


def test_a_file_where_the_new_directory_would_be_is_refused_and_kept(new_dir: Path, acquire: Acquire) -> None:
    new_dir.write_text("precious")
    with refused(NotACluster, new_dir):
        acquire(new_dir)
    assert new_dir.read_text() == "precious"


@pytest.mark.parametrize("files", [[], ["thesis.txt"]])
def test_a_directory_of_somebody_else_is_refused_and_left_as_it_is(
    files: list[str], new_dir: Path, acquire: Acquire
) -> None:
    """An empty one is perhaps the place of a disk that is not mounted: a new cluster would hide it."""
    data = new_dir / "postgres" / "data"
    data.mkdir(parents=True)
    if os.geteuid() == 0:
        shutil.chown(data, "nobody")
    for name in files:
        (data / name).write_text("precious")
    with refused(NotACluster, data):
        acquire(new_dir)
    assert [path.name for path in data.iterdir()] == files


def test_a_cluster_that_linkhold_did_not_make_is_refused_and_shut_down(
    data_dir: Path, acquire: Acquire
) -> None:
    lease = acquire(data_dir)
    machine.ask(lease, "CREATE ROLE other SUPERUSER LOGIN", user="postgres")
    machine.ask(lease, "ALTER ROLE linkhold RENAME TO somebody", user="postgres")
    lease.close()
    with refused(NotACluster, places.at(data_dir).data):
        acquire(data_dir)
    assert machine.state_on_disk(data_dir) == "shut down"


def test_a_read_only_disk_is_refused_until_it_can_be_written_again(
    mounted: Callable[[int], Path], acquire: Acquire
) -> None:
    disk = mounted(100)
    acquire(disk).close()
    subprocess.run(["mount", "-o", "remount,ro", disk], check=True)
    with refused(ReadOnly, disk):
        acquire(disk)
    subprocess.run(["mount", "-o", "remount,rw", disk], check=True)
    assert machine.ask(acquire(disk), "SELECT 1") == [(1,)]


def test_no_cluster_is_made_on_a_read_only_disk(mounted: Callable[[int], Path], acquire: Acquire) -> None:
    disk = mounted(1)
    subprocess.run(["mount", "-o", "remount,ro", disk], check=True)
    with refused(ReadOnly, disk):
        acquire(disk)


def test_a_disk_too_small_for_a_new_cluster_is_left_without_half_of_one(
    mounted: Callable[[int], Path], acquire: Acquire
) -> None:
    disk = mounted(8)
    with refused(DiskFull, disk):
        acquire(disk)
    assert not list((disk / "postgres").glob("data*"))


def test_a_disk_that_filled_up_is_refused_until_there_is_room(
    mounted: Callable[[int], Path], acquire: Acquire
) -> None:
    disk = mounted(100)
    lease = acquire(disk)
    machine.ask(lease, "CREATE TABLE kept AS SELECT 42 AS answer")
    lease.close()
    filler = disk / "filler"
    subprocess.run(["dd", "if=/dev/zero", f"of={filler}", "bs=4k"], capture_output=True, check=False)
    with refused(DiskFull, disk):
        acquire(disk)
    filler.unlink()
    assert machine.ask(acquire(disk), "SELECT answer FROM kept") == [(42,)]


@needs.as_root
def test_a_cluster_given_to_another_user_is_refused(data_dir: Path, acquire: Acquire) -> None:
    """Only its directory was: what is in it still belongs to the one before."""
    data = places.at(data_dir).data
    shutil.chown(data, "daemon")
    with refused(PermissionLost, data_dir, "daemon"):
        acquire(data_dir)


@needs.as_root
def test_a_cluster_given_to_root_is_refused(data_dir: Path, acquire: Acquire) -> None:
    data = places.at(data_dir).data
    shutil.chown(data, "root")
    with refused(PermissionLost, data, "root"):
        acquire(data_dir)


@needs.as_root
def test_a_cluster_with_a_file_of_roots_is_refused(data_dir: Path, acquire: Acquire) -> None:
    shutil.chown(places.at(data_dir).data / "global" / "pg_control", "root")
    with refused(PermissionLost, places.at(data_dir).data, "pg_control"):
        acquire(data_dir)


def test_a_cluster_whose_permissions_were_taken_away_is_refused_until_they_are_back(
    data_dir: Path, acquire: Acquire
) -> None:
    data = places.at(data_dir).data
    data.chmod(0o000)
    with refused(PermissionLost, data):
        acquire(data_dir)
    data.chmod(0o700)
    assert machine.ask(acquire(data_dir), "SELECT 1") == [(1,)]


def test_a_cluster_that_was_opened_to_others_is_refused(data_dir: Path, acquire: Acquire) -> None:
    data = places.at(data_dir).data
    data.chmod(0o755)
    with refused(PermissionLost, data):
        acquire(data_dir)


def test_a_parent_in_which_nothing_can_be_made_is_named(tmp_path: Path, acquire: Acquire) -> None:
    # Root may write everywhere but where the kernel itself has the files.
    parent = Path("/sys") if os.geteuid() == 0 else tmp_path
    tmp_path.chmod(0o500)
    with refused(PermissionLost, parent / "data"):
        acquire(parent / "data")
    tmp_path.chmod(0o700)


def test_a_setting_that_postgres_does_not_know_is_named(data_dir: Path, acquire: Acquire) -> None:
    with refused(ServerFault, "no_such_setting", data_dir / "postgres" / "log"):
        acquire(data_dir, settings={"no_such_setting": "1"})


def test_programs_that_are_not_there_are_named(tmp_path: Path) -> None:
    with refused(ServerFault, tmp_path):
        binaries.at(tmp_path)


def test_programs_that_are_not_postgres_are_refused(tmp_path: Path) -> None:
    program = tmp_path / "postgres"
    program.write_text("#!/bin/sh\necho hello\n")
    program.chmod(0o755)
    with refused(ServerFault, tmp_path, "hello"):
        binaries.at(tmp_path)


def test_a_wheel_that_is_not_installed_is_to_be_installed_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(binaries, "PACKAGE", "no_such_package")
    with refused(ServerFault, "install linkhold again"):
        binaries.bundled()


def test_a_wheel_without_its_programs_is_to_be_installed_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(binaries, "INSTALLATION", "pginstall99")
    with refused(ServerFault, "install linkhold again"):
        binaries.bundled()


def test_a_server_whose_socket_was_removed_is_named(
    data_dir: Path, acquire: Acquire, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server, "REACHED_WITHIN", 0.2)
    lease = acquire(data_dir)
    (lease.socket_dir / places.SOCKET).unlink()
    with refused(ServerFault, "cannot be reached", machine.pid_of(data_dir)):
        acquire(data_dir)


def test_a_socket_directory_that_was_opened_to_others_is_refused(data_dir: Path, acquire: Acquire) -> None:
    lease = acquire(data_dir)
    lease.socket_dir.chmod(0o755)
    with refused(PermissionLost, lease.socket_dir):
        acquire(data_dir)


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
    with refused(ServerFault, "it will end by itself"):
        server.stop(data_dir)
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
