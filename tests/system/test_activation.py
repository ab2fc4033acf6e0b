"""Linkhold under a service manager: on a socket that it is given, heard and watched."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import shlex
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from linkhold.cli import supervision
from patience import SECONDS, until
from system.served import LINKHOLD, UNHURRIED, Served


class UnixConnection(http.client.HTTPConnection):
    """A connection to a Unix socket."""

    def __init__(self, path: Path) -> None:
        super().__init__("localhost", timeout=SECONDS)
        self.path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(str(self.path))


class Manager:
    """As much of a service manager as the protocols ask for: holds the socket, hears what is told."""

    def __init__(self, served: Served, *, watchdog_seconds: float = 12) -> None:
        self.served = served
        self.path = served.root / "http.sock"
        self.listening = socket.socket(socket.AF_UNIX)
        self.listening.bind(str(self.path))
        self.listening.listen(512)
        self.heard = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.heard.bind(str(served.root / "notify.sock"))
        self.heard.settimeout(SECONDS)
        self.microseconds = str(int(watchdog_seconds * 1e6))
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        environment = self.served.env() | {
            "LISTEN_FDS": "1",
            "NOTIFY_SOCKET": str(self.served.root / "notify.sock"),
            "WATCHDOG_USEC": self.microseconds,
        }
        # The shell becomes Linkhold, and so knows its process id beforehand, as a manager does after a fork.
        serve = shlex.join(self.served.command)
        command = f"exec 3<&{self.listening.fileno()}; export LISTEN_PID=$$; exec {serve}"
        with self.served.log.open("ab") as log:
            self.process = subprocess.Popen(
                ["/bin/bash", "-c", command],
                env=environment,
                stdout=log,
                stderr=log,
                pass_fds=[self.listening.fileno()],
            )

    def wait_for(self, state: str) -> None:
        while state not in self.heard.recv(4096).decode().split("\n"):
            pass

    def told_within(self, seconds: float) -> bool:
        """Tell whether anything is said in the next so many seconds; what was said before does not count."""
        self.heard.settimeout(0)
        with contextlib.suppress(BlockingIOError):
            while True:
                self.heard.recv(4096)
        self.heard.settimeout(seconds)
        try:
            return bool(self.heard.recv(4096))
        except TimeoutError:
            return False
        finally:
            self.heard.settimeout(SECONDS)

    def stop(self) -> None:
        assert self.process is not None
        self.process.send_signal(signal.SIGTERM)
        assert self.process.wait(SECONDS) == 0, self.served.told()

    def close(self) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()
            self.process.wait(SECONDS)
        self.listening.close()
        self.heard.close()

    def request(self, method: str, path: str, body: object = None) -> tuple[int, bytes]:
        connection = UnixConnection(self.path)
        try:
            data = None if body is None else json.dumps(body)
            connection.request(method, path, data, self.served.headers() | {"Connection": "close"})
            answer = connection.getresponse()
            return answer.status, answer.read()
        finally:
            connection.close()


@contextmanager
def managed(served: Served, **fields: float) -> Iterator[Manager]:
    manager = Manager(served, **fields)
    try:
        manager.start()
        manager.wait_for("READY=1")
        yield manager
    finally:
        manager.close()


@pytest.fixture
def manager(make_served: Callable[..., Served]) -> Iterator[Manager]:
    """Return one whose Linkhold has time to read what it has accepted before it stops."""
    served = make_served(environment={"TEST_SECONDS": "draining.SECONDS=2 serve.GRACE_SECONDS=30"})
    served.command = UNHURRIED
    with managed(served) as manager:
        yield manager


def test_it_says_when_it_is_ready_and_that_it_lives_until_it_stops(manager: Manager) -> None:
    assert manager.request("GET", "/readyz")[0] == 200
    for _ in range(3):
        manager.wait_for("WATCHDOG=1")
    manager.stop()
    manager.wait_for("STOPPING=1")


def test_nothing_is_printed_and_no_restart_makes_the_first_accounts_code_worthless(tmp_path: Path) -> None:
    """What a service prints is kept in a journal: it holds no code, and lines of JSON alone."""
    served = Served(tmp_path)
    served.provide()
    with closing(served), managed(served) as manager:
        code = served.run("account", "setup").rpartition("code=")[2]
        manager.stop()
        manager.start()
        manager.wait_for("READY=1")
        assert manager.request("GET", f"/setup?code={code}")[0] == 200
        manager.stop()
    assert "code=" not in served.told()
    assert [json.loads(line) for line in served.told().splitlines()]


def test_a_script_can_wait_until_it_is_ready_and_hears_why_it_is_not(manager: Manager) -> None:
    ask = [LINKHOLD, "ready", "--socket", str(manager.path), "--within", "20"]
    assert subprocess.run(ask, env=manager.served.env(), check=False).returncode == 0
    with manager.served.database("postgres") as admin:
        admin.execute("ALTER ROLE linkhold SET default_transaction_read_only = on")
        admin.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'linkhold'")
    ask[-1] = "0"
    done = subprocess.run(ask, env=manager.served.env(), capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "default_transaction_read_only is on" in done.stderr


def test_a_server_that_answers_nothing_does_not_say_that_it_lives(manager: Manager) -> None:
    assert manager.process is not None
    manager.wait_for("WATCHDOG=1")
    manager.served.process = manager.process
    workers = manager.served.workers()
    for worker in workers:
        worker.suspend()
    time.sleep(4)
    assert not manager.told_within(5)
    for worker in workers:
        worker.resume()
    manager.wait_for("WATCHDOG=1")


def test_a_database_that_makes_everybody_wait_does_not_get_the_server_killed(
    make_served: Callable[..., Served],
) -> None:
    """Every request waits for a lock then; ending the process would only lose those who wait."""
    served = make_served(environment={"LINKHOLD_THREADS": "2"})
    with managed(served, watchdog_seconds=8) as manager, served.database() as holder:
        holder.autocommit = False
        holder.execute("LOCK links")
        waiting = [
            threading.Thread(
                target=manager.request, args=("POST", "/links", {"url": f"https://example.com/{n}"})
            )
            for n in range(6)
        ]
        for each in waiting:
            each.start()
        time.sleep(3)
        assert manager.told_within(15), "the watchdog was not told that the service lives"
        assert any(each.is_alive() for each in waiting)
        holder.rollback()
        for each in waiting:
            each.join()


def test_restarts_under_load_lose_no_request_and_no_save(manager: Manager) -> None:
    """The socket outlives the process: who comes meanwhile waits in it instead of being refused."""
    statuses: list[int] = []
    saved: set[str] = set()
    ended = threading.Event()

    def save(writer: int) -> None:
        number = 0
        while not ended.is_set():
            number += 1
            url = f"https://example.com/{writer}/{number}"
            status, _ = manager.request("POST", "/api/v1/links", {"url": url})
            statuses.append(status)
            if status in {200, 201}:
                saved.add(url)

    writers = [threading.Thread(target=save, args=(number,)) for number in range(4)]
    for writer in writers:
        writer.start()
    for _ in range(3):
        time.sleep(0.5)
        manager.stop()
        manager.start()
        manager.wait_for("READY=1")
    assert manager.process is not None
    manager.process.send_signal(signal.SIGHUP)
    time.sleep(3)
    ended.set()
    for writer in writers:
        writer.join()
    assert set(statuses) == {201}
    assert set(json.loads(manager.request("GET", "/links")[1])) == saved


def connections(manager: Manager) -> int:
    """Return how many connections Linkhold has taken at its socket."""
    every = [each for worker in manager.served.workers() for each in worker.net_connections("unix")]
    return sum(str(each.laddr) == str(manager.path) for each in every)


def test_a_request_on_a_connection_that_was_taken_is_answered_though_the_server_stops(
    manager: Manager,
) -> None:
    """An edit cannot be sent twice by a proxy, as a save can: it must get its answer at its first sending."""
    link = json.loads(manager.request("POST", "/api/v1/links", {"url": "https://example.com/"})[1])
    assert manager.process is not None
    manager.served.process = manager.process
    before = connections(manager)
    connection = UnixConnection(manager.path)
    connection.connect()
    until(lambda: connections(manager) > before)
    manager.process.send_signal(signal.SIGTERM)
    time.sleep(0.1)
    connection.request("PATCH", f"/api/v1/links/{link['id']}", '{"title": "late"}', manager.served.headers())
    answer = connection.getresponse()
    assert (answer.status, json.loads(answer.read())["title"]) == (200, "late")
    connection.close()


@pytest.mark.embedded
def test_a_stop_gives_postgresql_the_time_that_the_manager_gives(make_served: Callable[..., Served]) -> None:
    """Nobody is refused meanwhile, where somebody else holds the socket: no reason to hurry it."""
    served = make_served(environment={"TEST_SECONDS": "serve.STOP_SECONDS=0 serve.MANAGED_STOP_SECONDS=5"})
    served.command = UNHURRIED
    with managed(served) as manager:
        postmaster = served.postmaster()
        assert postmaster is not None
        postmaster.suspend()
        began = time.monotonic()
        manager.stop()
        took = time.monotonic() - began
        postmaster.resume()
    assert took >= 5


def test_a_manager_that_takes_nothing_is_told_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = str(tmp_path / "notify.sock")
    monkeypatch.setenv("NOTIFY_SOCKET", path)
    monkeypatch.setattr(supervision, "NOTIFY_SECONDS", 0.05)
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as deaf:
        deaf.bind(path)
        for _ in range(int(Path("/proc/sys/net/unix/max_dgram_qlen").read_text()) + 5):
            supervision.notify("WATCHDOG=1")
        assert deaf.recv(4096) == b"WATCHDOG=1"


def test_more_than_one_socket_is_refused_in_a_sentence(served: Served) -> None:
    environment = served.env() | {"LISTEN_FDS": "2"}
    command = f'export LISTEN_PID=$$; exec "{LINKHOLD}" serve'
    done = subprocess.run(["/bin/bash", "-c", command], env=environment, capture_output=True, check=False)
    assert done.returncode == 1
    assert b"Linkhold listens on one socket, and was given 2." in done.stderr


def test_a_socket_that_was_given_to_another_process_is_not_ours(served: Served) -> None:
    served.stop()
    served.environment |= {"LISTEN_PID": str(os.getpid()), "LISTEN_FDS": "1"}
    served.start()
