"""Nobody but its owner reaches the server, and no directory is opened to let its user reach its files."""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
import tempfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import psutil
import psycopg
import pytest

import needs
from linkhold.errors import PermissionLost, ServerFault
from linkhold.postgres import binaries, installation, places, privileges, server
from linkhold.postgres.binaries import Binaries
from linkhold.postgres.lease import Lease
from linkhold.postgres.privileges import OsUser
from postgres import machine

pytestmark = pytest.mark.embedded

Acquire = Callable[..., Lease]


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_a_new_cluster_is_safe_and_the_applications_own(
    new_dir: Path, programs: Binaries, acquire: Acquire
) -> None:
    lease = acquire(new_dir, using=programs)
    assert machine.ask(lease, "SHOW data_checksums") == [("on",)]
    assert machine.ask(lease, "SHOW server_encoding") == [("UTF8",)]
    assert str(machine.ask(lease, "SHOW server_version")[0][0]).startswith(str(programs.major))
    rights = "SELECT rolsuper, rolcreatedb, rolcreaterole, rolreplication FROM pg_roles WHERE rolname = user"
    assert machine.ask(lease, rights) == [(False, False, False, False)]
    # PostgreSQL would quote the row that a statement fails on in its log.
    assert machine.ask(lease, "SHOW log_error_verbosity") == [("terse",)]
    owner = "SELECT datdba::regrole::text FROM pg_database WHERE datname = current_database()"
    assert machine.ask(lease, owner) == [("linkhold",)]
    machine.ask(lease, "CREATE TABLE mine (id integer)")


def test_what_makes_a_commit_durable_is_on(new_dir: Path) -> None:
    with server.acquire(new_dir, say=print) as lease:
        # A file in the cluster does not win over the command line.
        path = places.at(new_dir).data / "postgresql.auto.conf"
        path.write_text("fsync = off\nsynchronous_commit = off\nlisten_addresses = '*'\n")
    with server.acquire(new_dir, say=print) as lease:
        for name in ("fsync", "synchronous_commit", "full_page_writes"):
            assert machine.ask(lease, f"SHOW {name}") == [("on",)]
        assert machine.ask(lease, "SHOW listen_addresses") == [("",)]


def test_it_listens_to_no_network(data_dir: Path, acquire: Acquire) -> None:
    acquire(data_dir)
    process = psutil.Process(machine.pid_of(data_dir))
    assert process.net_connections(kind="unix")
    assert not process.net_connections(kind="inet")


def test_only_its_owner_can_enter_the_directory_of_the_socket(data_dir: Path, acquire: Acquire) -> None:
    lease = acquire(data_dir)
    found = lease.socket_dir.stat()
    assert stat.S_IMODE(found.st_mode) == 0o700
    assert found.st_uid == psutil.Process(machine.pid_of(data_dir)).uids().real
    assert mode(lease.socket_dir / places.SOCKET) == 0o700


@needs.as_root
def test_another_user_of_the_machine_gets_nowhere(short_dir: Path, acquire: Acquire) -> None:
    """The directory keeps them out; and if it did not, the server would."""
    lease = acquire(short_dir)
    assert "Permission denied" in connect_as("daemon", lease)
    (short_dir / "postgres").chmod(0o755)
    lease.socket_dir.chmod(0o755)
    (lease.socket_dir / places.SOCKET).chmod(0o777)
    assert 'Peer authentication failed for user "linkhold"' in connect_as("daemon", lease)
    lease.socket_dir.chmod(0o700)


def connect_as(user: str, lease: Lease) -> str:
    """Connect as another user of the machine and return what psql has to say."""
    psql = binaries.bundled().program("psql")
    shell = ["--no-psqlrc", "-h", str(lease.socket_dir), "-U", "linkhold", "-c", "SELECT 1", "linkhold"]
    result = subprocess.run(
        [psql, *shell], user=user, extra_groups=[], cwd="/", capture_output=True, text=True, check=False
    )
    assert result.returncode == 2
    return result.stderr


def test_psql_finds_its_way_in(data_dir: Path, acquire: Acquire) -> None:
    program, variables = acquire(data_dir).psql()
    answer = subprocess.run(
        [program, "--no-psqlrc", "-Atc", "SELECT current_user"],
        env={**os.environ, **variables},
        capture_output=True,
        text=True,
        check=True,
    )
    assert answer.stdout == "linkhold\n"


def test_no_directory_above_the_data_is_opened(tmp_path: Path, acquire: Acquire) -> None:
    above = tmp_path / "private"
    above.mkdir(mode=0o700)
    directory = above / "deeper" / "data"
    before = {path: mode(path) for path in (tmp_path, above)}
    assert machine.ask(acquire(directory), "SELECT 1") == [(1,)]
    assert {path: mode(path) for path in before} == before
    assert mode(directory) == mode(directory / "postgres") == 0o700


@needs.as_root
def test_root_starts_it_as_an_unprivileged_user(data_dir: Path, acquire: Acquire) -> None:
    acquire(data_dir)
    process = psutil.Process(machine.pid_of(data_dir))
    assert 0 not in process.uids()
    assert 0 not in process.gids()
    for one in process.children():
        # A worker may end between being listed and being asked.
        with suppress(psutil.NoSuchProcess):
            assert 0 not in one.uids()
            assert 0 not in one.gids()
    groups = Path(f"/proc/{process.pid}/status").read_text().split("Groups:")[1].splitlines()[0]
    assert groups.strip() == ""


@needs.as_root
def test_a_directory_prepared_for_a_user_says_who_runs_the_server(new_dir: Path, acquire: Acquire) -> None:
    new_dir.mkdir(mode=0o700)
    shutil.chown(new_dir, "daemon", "daemon")
    acquire(new_dir)
    assert psutil.Process(machine.pid_of(new_dir)).username() == "daemon"
    assert {(new_dir / "postgres" / name).owner() for name in ("", "data", "server.lock")} == {"daemon"}


@needs.as_root
def test_programs_out_of_reach_are_copied_once(tmp_path: Path, data_dir: Path, acquire: Acquire) -> None:
    """As when the virtual environment is below /root."""
    hidden = tmp_path / "hidden"
    hidden.mkdir(mode=0o700)
    package = binaries.bundled_dir().parent.parent
    ignored = shutil.ignore_patterns("include", "pginstall", "*.a", "pgxs")
    shutil.copytree(package, hidden / package.name, ignore=ignored)
    libraries = package.with_name(f"{package.name}.libs")
    if libraries.is_dir():
        shutil.copytree(libraries, hidden / libraries.name)
    found = binaries.at(hidden / package.name / binaries.INSTALLATION / "bin")
    user = privileges._preferred()
    cache = Path(tempfile.mkdtemp(prefix="linkhold-test-", dir="/var/cache"))
    cache.chmod(0o755)
    try:
        copy = installation.within_reach(found, user, cache=cache)
        assert copy.bin_dir.is_relative_to(cache)
        assert mode(hidden) == 0o700
        assert copy == installation.within_reach(found, user, cache=cache)
        assert len(list(cache.iterdir())) == 1
        assert machine.ask(acquire(data_dir, using=copy), "SELECT 1") == [(1,)]
    finally:
        machine.end(data_dir)
        shutil.rmtree(cache)


@needs.as_root
def test_a_copy_that_others_could_change_is_not_used(tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    cache.mkdir()
    cache.chmod(0o777)
    missing = Binaries(tmp_path / "bin", "18.0", 18)
    with pytest.raises(PermissionLost, match="only root can write"):
        installation.within_reach(missing, privileges._preferred(), cache=cache)


@pytest.mark.parametrize("name", ["x" * 200, "with, comma", 'with "quotes" and spaces', "ünïcödé"])
def test_any_path_will_do(name: str, data_dir: Path, acquire: Acquire) -> None:
    directory = data_dir.rename(data_dir.with_name(name))
    lease = acquire(directory)
    assert machine.ask(lease, "SELECT 1") == [(1,)]
    assert mode(lease.socket_dir) == 0o700
    lease.close()
    assert not places.at(directory).socket_dirs()[1].exists()


def test_a_socket_directory_that_another_user_made_first_is_refused(data_dir: Path, acquire: Acquire) -> None:
    directory = data_dir.rename(data_dir.with_name("x" * 200))
    squatted = places.at(directory).socket_dirs()[1]
    squatted.symlink_to(data_dir.parent)
    try:
        with pytest.raises(PermissionLost, match=squatted.name):
            acquire(directory)
    finally:
        squatted.unlink()


def test_a_user_without_a_name_is_told_so() -> None:
    with pytest.raises(ServerFault, match="54321 has no name"):
        privileges._by_uid(54321)


def test_the_users_let_in_are_the_servers_own_and_root() -> None:
    assert privileges.names_allowed(OsUser(1000, 1000, "linkhold")) == ["linkhold", "root"]


def test_root_needs_a_user_to_become(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(privileges, "PREFERRED", ("no-such-user",))
    with pytest.raises(ServerFault, match="add a user named linkhold"):
        privileges._preferred()


def test_the_address_is_one_that_libpq_reads(data_dir: Path, acquire: Acquire) -> None:
    lease = acquire(data_dir)
    for address in (lease.url, lease.conninfo):
        with psycopg.connect(address) as connection:
            assert (connection.info.user, connection.info.dbname) == ("linkhold", "linkhold")
