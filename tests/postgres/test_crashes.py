"""What a crash leaves behind does not stop the next start, and loses nothing that was committed."""

from __future__ import annotations

import os
import signal
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import psycopg
import pytest

from linkhold import clock
from linkhold.postgres import (
    binaries,
    connection,
    installation,
    launching,
    locks,
    orphans,
    places,
    postmaster,
    privileges,
    server,
)
from linkhold.postgres.journal import Journal
from linkhold.postgres.lease import Lease
from linkhold.postgres.places import Place
from linkhold.postgres.postmaster import Postmaster
from linkhold.postgres.programs import Hands
from linkhold.postgres.vigil import Vigil
from patience import until
from postgres import machine

pytestmark = pytest.mark.embedded


@contextmanager
def unrelated_process(directory: Path) -> Iterator[int]:
    """Run a program that is no server, as the user who runs the server."""
    place = places.at(directory)
    user = privileges.for_cluster(place.data, home=place.home)
    program = subprocess.Popen(["sleep", "60"], user=user.uid if user.dropped_to else None)
    yield program.pid
    program.kill()
    program.wait()


@contextmanager
def left_behind(directory: Path, lease: Lease) -> Iterator[psutil.Process]:
    """Kill a server, but for one process of it that does not notice."""
    with psycopg.connect(lease.conninfo) as connection:
        orphan = psutil.Process(connection.info.backend_pid)
        orphan.suspend()
        machine.kill_hard(directory)
        yield orphan


def put_pid(directory: Path, pid: int) -> None:
    """Write another process's number into the pid file that a crash left."""
    path = places.at(directory).data / postmaster.PID_FILE
    rest = path.read_text().splitlines()[1:]
    path.write_text("\n".join([str(pid), *rest]) + "\n")


def test_what_was_committed_is_there_after_a_crash(data_dir: Path) -> None:
    with server.acquire(data_dir, say=print) as lease:
        machine.ask(lease, "CREATE TABLE kept AS SELECT 42 AS answer")
        machine.kill_hard(data_dir)
    with server.acquire(data_dir, say=print) as lease:
        assert machine.ask(lease, "SELECT answer FROM kept") == [(42,)]


def test_a_pid_file_with_the_number_of_another_process_is_no_obstacle(
    data_dir: Path, acquire: Callable[..., Lease]
) -> None:
    acquire(data_dir)
    machine.kill_hard(data_dir)
    with unrelated_process(data_dir) as pid:
        put_pid(data_dir, pid)
        (places.at(data_dir).socket / f"{places.SOCKET}.lock").write_text(f"{pid}\n")
        assert not server.status(data_dir).running
        assert machine.ask(acquire(data_dir), "SELECT 1") == [(1,)]
        assert psutil.pid_exists(pid)


def test_a_server_of_another_cluster_with_that_number_is_left_alone(
    data_dir: Path, short_dir: Path, acquire: Callable[..., Lease]
) -> None:
    acquire(data_dir)
    machine.kill_hard(data_dir)
    other = acquire(short_dir)
    put_pid(data_dir, machine.pid_of(short_dir))
    assert not server.status(data_dir).running
    acquire(data_dir).close()
    assert machine.ask(other, "SELECT 1") == [(1,)]


@pytest.mark.parametrize("content", ["", "nonsense\n"])
def test_a_pid_file_that_was_never_finished_is_no_obstacle(
    content: str, data_dir: Path, acquire: Callable[..., Lease]
) -> None:
    acquire(data_dir)
    machine.kill_hard(data_dir)
    (places.at(data_dir).data / postmaster.PID_FILE).write_text(content)
    assert machine.ask(acquire(data_dir), "SELECT 1") == [(1,)]


def test_a_start_waits_for_the_last_process_of_a_killed_server(
    data_dir: Path, acquire: Callable[..., Lease], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two servers at work in the same files would destroy them."""
    monkeypatch.setattr(orphans, "GRACE_SECONDS", 600)
    with left_behind(data_dir, acquire(data_dir)) as orphan:
        started: list[Lease] = []
        start = threading.Thread(target=lambda: started.append(acquire(data_dir)))
        start.start()
        start.join(0.5)
        assert started == []
        orphan.kill()
        start.join(90)
        assert machine.ask(started[0], "SELECT 1") == [(1,)]


def test_a_server_that_is_killed_while_a_process_begins_to_use_it_is_waited_for(
    data_dir: Path, acquire: Callable[..., Lease], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A web process that gave up there would be started again at once, which its parent takes for a loop."""
    check, checked = connection.check, list[int]()

    def killed_once(place: Place, living: Postmaster, say: Callable[[str], None]) -> None:
        checked.append(living.pid)
        if len(checked) == 1:
            machine.kill_hard(data_dir)
        check(place, living, say)

    monkeypatch.setattr(connection, "check", killed_once)
    lease = acquire(data_dir)
    assert machine.ask(lease, "SELECT 1") == [(1,)]
    assert len(set(checked)) == 2


def test_a_process_of_a_killed_server_that_never_ends_is_ended(
    data_dir: Path, acquire: Callable[..., Lease]
) -> None:
    """Such as one that waits for a lock which a killed one had."""
    with left_behind(data_dir, acquire(data_dir)) as orphan:
        assert machine.ask(acquire(data_dir), "SELECT 1") == [(1,)]
        assert not orphan.is_running() or orphan.status() == psutil.STATUS_ZOMBIE


def test_the_processes_of_a_server_that_lives_are_no_orphans(
    data_dir: Path, acquire: Callable[..., Lease]
) -> None:
    acquire(data_dir)
    assert psutil.Process(machine.pid_of(data_dir)).children()
    assert list(orphans._find(places.at(data_dir))) == []


def test_shared_memory_that_a_killed_server_left_in_use_is_waited_for(
    data_dir: Path, acquire: Callable[..., Lease]
) -> None:
    """A server that was started by hand does not hold our lock: PostgreSQL's own guard is heeded too."""
    acquire(data_dir).close()
    start_by_hand(data_dir)
    with psycopg.connect(acquire(data_dir).conninfo) as connection:
        orphan = psutil.Process(connection.info.backend_pid)
        orphan.suspend()
        machine.kill_hard(data_dir)
        assert not locks.is_held(places.at(data_dir).running_lock)
        began = clock.monotonic()
        threading.Timer(0.5, orphan.kill).start()
        assert machine.ask(acquire(data_dir), "SELECT 1") == [(1,)]
        assert clock.monotonic() - began > 0.3


def start_by_hand(directory: Path) -> None:
    """Run the server as an administrator would, who knows nothing of our locks."""
    place = places.at(directory)
    user = privileges.for_cluster(place.data, home=place.home)
    lock = os.open(os.devnull, os.O_RDONLY)
    hands = Hands(user, installation.within_reach(binaries.bundled(), user), lock)
    watch = Vigil(Journal(place.log), print)
    assert launching.launch(place, hands, watch, extra_settings=machine.UNSAFE) is not None
    os.close(lock)


def test_a_cluster_that_was_half_made_is_thrown_away(new_dir: Path, acquire: Callable[..., Lease]) -> None:
    half = new_dir / "postgres" / "data.new"
    (half / "base").mkdir(parents=True)
    (half / "PG_VERSION").write_text("18\n")
    assert machine.ask(acquire(new_dir), "SELECT 1") == [(1,)]
    assert not half.exists()


def test_a_process_killed_while_it_makes_the_cluster_does_no_harm(
    new_dir: Path, acquire: Callable[..., Lease]
) -> None:
    maker = machine.use_elsewhere(new_dir, "")
    until((new_dir / "postgres" / "data.new" / "base").exists)
    maker.kill()
    maker.communicate()
    assert not server.status(new_dir).running
    assert machine.ask(acquire(new_dir), "SELECT 1") == [(1,)]


def test_ctrl_c_during_a_start_leaves_no_server(data_dir: Path, acquire: Callable[..., Lease]) -> None:
    acquire(data_dir).close()
    pid_file = places.at(data_dir).data / postmaster.PID_FILE
    user = machine.use_elsewhere(data_dir, "sys.stdin.read()")
    until(pid_file.exists)
    user.send_signal(signal.SIGINT)
    user.communicate()
    lease = acquire(data_dir)
    lease.close()
    assert not server.status(data_dir).running


def test_a_long_start_is_waited_for_and_spoken_of(
    data_dir: Path, acquire: Callable[..., Lease], said: list[str]
) -> None:
    """Another process began the start and was killed; the server is held up for a while."""
    acquire(data_dir).close()
    said.clear()
    user = machine.use_elsewhere(data_dir, "sys.stdin.read()")
    pid = int(machine.line(user))
    user.kill()
    user.communicate()
    os.kill(pid, signal.SIGSTOP)
    os.kill(pid, signal.SIGINT)  # it is to stop, but is held up
    path = places.at(data_dir).data / postmaster.PID_FILE
    lines = path.read_text().splitlines()
    path.write_text("\n".join([*lines[:7], "stopping"]) + "\n")

    def go_on() -> None:
        until(lambda: any("PostgreSQL is stopping" in line for line in said))
        os.kill(pid, signal.SIGCONT)

    threading.Thread(target=go_on).start()
    lease = acquire(data_dir)
    assert machine.pid_of(data_dir) != pid
    assert machine.ask(lease, "SELECT 1") == [(1,)]


def test_where_files_cannot_be_in_memory_the_start_is_the_same(
    data_dir: Path, acquire: Callable[..., Lease], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr(os, "memfd_create", raising=False)
    assert machine.ask(acquire(data_dir), "SELECT 1") == [(1,)]


def test_a_server_whose_directory_may_not_be_seen_is_found_all_the_same(
    data_dir: Path, acquire: Callable[..., Lease], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Root in a container may not look where processes of other users work."""

    def refuse(self: psutil.Process) -> str:
        raise psutil.AccessDenied(self.pid)

    monkeypatch.setattr(psutil.Process, "cwd", refuse)
    acquire(data_dir)
    held = locks.is_held
    monkeypatch.setattr(locks, "is_held", lambda path: path.name != "running.lock" and held(path))
    pid = machine.pid_of(data_dir)
    acquire(data_dir)
    assert machine.pid_of(data_dir) == pid
    path = places.at(data_dir).data / postmaster.PID_FILE
    lines = path.read_text().splitlines()
    for other in ([lines[0], lines[1], "1000000000", *lines[3:]], lines[:1]):
        path.write_text("\n".join(other) + "\n")
        assert not server.status(data_dir).running
    path.write_text("\n".join(lines) + "\n")
