"""One server for all who use it: it starts with the first and stops with the last."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from linkhold.errors import ServerInUse
from linkhold.postgres import server
from linkhold.postgres.lease import Lease
from patience import until
from postgres import machine

pytestmark = pytest.mark.embedded


def test_two_processes_that_start_at_once_get_one_server(new_dir: Path) -> None:
    users = [machine.use_elsewhere(new_dir, "sys.stdin.read(); lease.close()") for _ in range(2)]
    pids = [machine.line(user) for user in users]
    assert int(pids[0]) == machine.pid_of(new_dir)
    assert pids[0] == pids[1]
    for user in users:
        user.communicate()
    assert not server.status(new_dir).running


def test_the_server_runs_until_its_last_user_leaves(data_dir: Path, acquire: Callable[..., Lease]) -> None:
    first, second = acquire(data_dir), acquire(data_dir)
    first.close()
    assert machine.ask(second, "SELECT 1") == [(1,)]
    second.close()
    assert not server.status(data_dir).running
    assert machine.state_on_disk(data_dir) == "shut down"


def test_closing_twice_does_not_count_twice(data_dir: Path, acquire: Callable[..., Lease]) -> None:
    first, second = acquire(data_dir), acquire(data_dir)
    first.close()
    first.close()
    assert machine.ask(second, "SELECT 1") == [(1,)]


def test_a_user_that_was_killed_does_not_keep_the_server(
    data_dir: Path, acquire: Callable[..., Lease]
) -> None:
    lease = acquire(data_dir)
    user = machine.use_elsewhere(data_dir, "sys.stdin.read()")
    machine.line(user)
    user.kill()
    user.communicate()
    lease.close()
    assert not server.status(data_dir).running


def test_a_server_whose_users_were_all_killed_is_used_again_and_stopped(
    data_dir: Path, acquire: Callable[..., Lease]
) -> None:
    user = machine.use_elsewhere(data_dir, "sys.stdin.read()")
    pid = int(machine.line(user))
    user.kill()
    user.communicate()
    assert not server.status(data_dir).users
    lease = acquire(data_dir)
    assert machine.pid_of(data_dir) == pid
    lease.close()
    assert not server.status(data_dir).running


def test_it_is_not_stopped_under_those_who_use_it(data_dir: Path, acquire: Callable[..., Lease]) -> None:
    lease = acquire(data_dir)
    with pytest.raises(ServerInUse):
        server.stop(data_dir)
    assert machine.ask(lease, "SELECT 1") == [(1,)]


def test_what_its_users_left_running_can_be_stopped(data_dir: Path) -> None:
    user = machine.use_elsewhere(data_dir, "os = __import__('os'); os._exit(0)")
    user.communicate()
    assert server.status(data_dir).running
    assert server.stop(data_dir)
    assert machine.state_on_disk(data_dir) == "shut down"
    assert not server.stop(data_dir)


def test_a_forked_process_can_close_its_copy_of_the_lease(data_dir: Path) -> None:
    """A web server forks its workers: what they leave behind must not take the server from the others."""
    program = (
        "import os\n"
        "child = os.fork()\n"
        "if child == 0:\n"
        "    lease.close()\n"
        "    os._exit(0)\n"
        "os.waitpid(child, 0)\n"
        "print(server.status(directory).running)\n"
        "lease.close()\n"
        "print(server.status(directory).running)\n"
    )
    answers = machine.use_elsewhere(data_dir, program).communicate()[0].split()
    assert answers[1:] == ["True", "False"]


def test_a_forked_worker_that_outlives_its_parent_keeps_the_server(data_dir: Path) -> None:
    program = (
        "import os\n"
        "if os.fork() == 0:\n"
        "    sys.stdin.read()\n"
        "    lease.close()\n"
        "    os._exit(0)\n"
        "lease.close()\n"
        "print(server.status(directory).running, flush=True)\n"
        "os._exit(0)\n"
    )
    user = machine.use_elsewhere(data_dir, program)
    machine.line(user)
    assert machine.line(user) == "True\n"
    user.communicate()
    until(lambda: not server.status(data_dir).running)


def test_a_signal_from_the_terminal_does_not_reach_it(data_dir: Path, acquire: Callable[..., Lease]) -> None:
    """Ctrl-C goes to all processes of a session: the server has one of its own."""
    acquire(data_dir)
    assert os.getsid(machine.pid_of(data_dir)) != os.getsid(0)


def test_it_says_what_it_is_without_starting(new_dir: Path, acquire: Callable[..., Lease]) -> None:
    assert "not made yet" in server.status(new_dir).describe()
    assert not new_dir.exists()
    lease = acquire(new_dir)
    assert f"ready, process {machine.pid_of(new_dir)}" in server.status(new_dir).describe()
    lease.close()
    assert server.status(new_dir).describe() == "PostgreSQL 18, stopped."


def test_the_watch_starts_a_killed_server_again(data_dir: Path, acquire: Callable[..., Lease]) -> None:
    lease = acquire(data_dir)
    said: list[str] = []
    lease.watch(0.05, said.append)
    machine.kill_hard(data_dir)
    until(lambda: bool(said))
    assert said == ["PostgreSQL had ended unexpectedly, and was started again."]
    assert machine.ask(lease, "SELECT 1") == [(1,)]


def test_the_watch_brings_back_a_server_that_somebody_stopped(
    data_dir: Path, acquire: Callable[..., Lease]
) -> None:
    lease = acquire(data_dir)
    said: list[str] = []
    lease.watch(0.05, said.append)
    os.kill(machine.pid_of(data_dir), signal.SIGINT)
    until(lambda: bool(said))
    assert machine.ask(lease, "SELECT 1") == [(1,)]


def test_the_watch_says_once_what_prevents_a_start(data_dir: Path, acquire: Callable[..., Lease]) -> None:
    lease = acquire(data_dir)
    said: list[str] = []
    version = data_dir / "postgres" / "data" / "PG_VERSION"
    version.write_text("17\n")
    lease.watch(0.01, said.append)
    machine.kill_hard(data_dir)
    until(lambda: bool(said))
    assert "made by PostgreSQL 17" in said[0]
    version.write_text("18\n")
    until(lambda: server.status(data_dir).state == "ready")
    assert len(said) <= 2


def test_the_watch_ends_with_the_lease(data_dir: Path, acquire: Callable[..., Lease]) -> None:
    lease = acquire(data_dir)
    said: list[str] = []
    lease.watch(0.01, said.append)
    lease.close()
    assert not lease.ensure_running()
    assert not server.status(data_dir).running
    assert said == []


def test_no_process_is_left_behind_as_a_zombie(data_dir: Path, acquire: Callable[..., Lease]) -> None:
    lease = acquire(data_dir)
    pid = machine.pid_of(data_dir)
    lease.close()
    until(lambda: not psutil.pid_exists(pid))


def test_two_that_find_the_server_gone_start_it_once(data_dir: Path, acquire: Callable[..., Lease]) -> None:
    leases = [acquire(data_dir), acquire(data_dir)]
    machine.kill_hard(data_dir)
    restarted: list[bool] = []
    threads = [
        threading.Thread(target=lambda one=one: restarted.append(one.ensure_running())) for one in leases
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(restarted) == [False, True]
    assert [machine.ask(one, "SELECT 1") for one in leases] == [[(1,)], [(1,)]]
