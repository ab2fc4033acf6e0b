"""Starting, stopping, and two at once: with Granian and with gunicorn."""

from __future__ import annotations

import contextlib
import json
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPException
from pathlib import Path

import psutil
import pytest

from linkhold.cli.serve import GRACE_SECONDS, STOP_SECONDS
from patience import SECONDS, until
from system import verdict
from system.served import PASSWORD, UNHURRIED, Served

GUNICORN = str(Path(sys.executable).parent / "gunicorn")


def on_gunicorn(served: Served, *options: str) -> Served:
    own = ("--no-control-socket", "--bind", f"127.0.0.1:{served.port}")
    served.command = [GUNICORN, *options, *own, "linkhold.wsgi:app"]
    return served


def save(served: Served, url: str) -> int:
    status, body, _ = served.request("POST", "/api/v1/links", {"url": url})
    assert status == 201, body
    return int(json.loads(body)["id"])


@pytest.mark.parametrize(
    ("server", "number"),
    # gunicorn's SIGINT is its quick stop, by its own documentation.
    [("granian", signal.SIGTERM), ("granian", signal.SIGINT), ("gunicorn", signal.SIGTERM)],
)
def test_a_request_in_flight_is_finished_before_the_end(
    make_served: Callable[..., Served], number: signal.Signals, server: str
) -> None:
    served = make_served(environment={"TEST_SECONDS": "serve.GRACE_SECONDS=60 serve.STOP_SECONDS=90"})
    served.command = UNHURRIED
    if server == "gunicorn":
        on_gunicorn(served, "--workers", "1", "--threads", "4", "--graceful-timeout", "60")
    served.start()
    link_id = save(served, "https://example.com/")
    answers: list[tuple[int, bytes]] = []
    with served.database() as holder:
        holder.autocommit = False
        holder.execute("SELECT FROM links WHERE id = %s FOR UPDATE", [link_id])
        path = f"/api/v1/links/{link_id}"
        asking = threading.Thread(
            target=lambda: answers.append(served.request("PATCH", path, {"title": "in flight"})[:2])
        )
        asking.start()
        served.wait_for_lock()
        assert served.process is not None
        served.process.send_signal(number)
        time.sleep(0.5)
        holder.rollback()
    asking.join()
    assert answers[0][0] == 200
    assert json.loads(answers[0][1])["title"] == "in flight"
    assert served.process.wait(SECONDS) == 0, served.told()
    # PostgreSQL had all the time that it wanted before that; gunicorn gives it eight seconds.
    assert server == "gunicorn" or verdict.nothing_runs(served)
    until(lambda: verdict.nothing_runs(served))


CONFIGURATION = str(Path(__file__).parent.parent.parent / "deploy/gunicorn.conf.py")


@pytest.mark.parametrize(
    "options",
    [None, ("--threads", "8"), ("--config", CONFIGURATION, "--preload")],
    ids=["granian", "gunicorn", "gunicorn preloaded"],
)
def test_clients_that_wait_for_changes_are_answered_at_a_stop(
    make_served: Callable[..., Served], options: tuple[str, ...] | None
) -> None:
    served = make_served(environment={"LINKHOLD_WORKERS": "1", "LINKHOLD_WAITERS": "3"})
    if options is not None:
        on_gunicorn(served, *options)
    served.start()
    cursor = json.loads(served.request("GET", "/api/v1/changes?since=now")[1])["next"]
    with ThreadPoolExecutor(3) as pool:
        path = f"/api/v1/changes?since={cursor}&wait=60"
        stopping = threading.Event()
        waiting = [pool.submit(answer_to_who_waits, served, path, stopping) for _ in range(3)]
        try:
            # No room for a fourth: all three wait.
            until(lambda: "retry-after" in served.request("GET", f"/api/v1/changes?since={cursor}&wait=1")[2])
            assert not any(each.done() for each in waiting)
        finally:
            stopping.set()
        assert served.stop() == 0
        # Whoever still waits when the time is over that requests in flight are given, is cut off.
        for each in waiting:
            status, body = each.result()
            assert (status, json.loads(body)["next"]) == (200, cursor)
    until(lambda: verdict.nothing_runs(served))


def answer_to_who_waits(served: Served, path: str, stopping: threading.Event) -> tuple[int, bytes]:
    """Wait for changes, again for as long as there is no room for it, and return the answer."""
    while True:
        status, body, headers = served.request("GET", path)
        if stopping.is_set() or "retry-after" not in headers:
            return status, body
        time.sleep(0.05)


@pytest.mark.parametrize("options", [("--workers", "2", "--threads", "4"), ("--workers", "2", "--preload")])
def test_gunicorn_serves_the_same_and_rows_outlive_it(
    make_served: Callable[..., Served], options: tuple[str, ...]
) -> None:
    served = on_gunicorn(make_served(), *options)
    for number in range(2):
        served.start()
        assert save(served, f"https://example.com/{number}") > 0
        assert served.stop() == 0
        assert "Logging error" not in served.told(), "its own lines are written, too"
        until(lambda: verdict.nothing_runs(served))
    served.start()
    assert json.loads(served.request("GET", "/links")[1]) == [
        "https://example.com/0",
        "https://example.com/1",
    ]


def test_a_worker_that_is_told_to_stop_before_it_can_hear_ends(
    make_served: Callable[..., Served], tmp_path: Path
) -> None:
    """A worker is forked with handlers that do nothing in it; a signal of that moment was lost."""
    slowly = tmp_path / "gunicorn.conf.py"
    slowly.write_text("import time\ndef post_fork(server, worker):\n    time.sleep(60 * (worker.age > 1))\n")
    options = ("--workers", "2", "--preload", "--graceful-timeout", "300")
    served = on_gunicorn(make_served(), *options, "--config", str(slowly))
    served.start()
    until(lambda: len(served.workers()) == 2)
    assert served.stop() == 0
    until(lambda: verdict.nothing_runs(served))


def test_a_process_that_only_forks_has_no_threads_whose_locks_a_child_would_inherit(
    make_served: Callable[..., Served],
) -> None:
    served = on_gunicorn(make_served(), "--workers", "2", "--preload")
    served.start()
    save(served, "https://example.com/")
    assert served.process is not None
    # The main one, and those of the log and of the embedded PostgreSQL, whose locks a child does without.
    assert psutil.Process(served.process.pid).num_threads() <= 4
    assert max(worker.num_threads() for worker in served.workers()) > 4
    assert served.stop() == 0


def test_a_web_process_that_is_left_over_is_found_out(tmp_path: Path) -> None:
    served = Served(tmp_path)
    with subprocess.Popen(["sleep", "60"], env=served.env()) as left:
        assert not verdict.nothing_runs(served)
        left.kill()
    assert verdict.nothing_runs(served)


@pytest.mark.embedded
def test_two_servers_share_one_postgresql_which_the_last_one_stops(
    make_served: Callable[..., Served],
) -> None:
    first = make_served()
    second = Served(first.root, token=first.token)
    first.start()
    second.start()
    postmaster = first.postmaster()
    save(first, "https://example.com/1")
    assert first.stop() == 0
    assert second.postmaster() == postmaster
    save(second, "https://example.com/2")
    assert second.stop() == 0
    until(lambda: verdict.nothing_runs(second))


def test_workers_end_with_a_killed_parent_and_it_starts_again_at_once(served: Served) -> None:
    workers = served.workers()
    assert workers
    assert served.process is not None
    served.process.kill()
    served.process.wait()
    _, alive = psutil.wait_procs(workers, timeout=SECONDS)
    assert not alive
    served.start()
    save(served, "https://example.com/")


@pytest.mark.parametrize("later", [0.0, 0.1, 0.3])
def test_workers_that_still_load_end_with_a_killed_parent(served: Served, later: float) -> None:
    """What they had of their parent's handlers would do nothing, and the one signal be lost."""
    served.stop()
    process = served.process = subprocess.Popen(served.command, env=served.env(), stderr=subprocess.DEVNULL)
    until(lambda: len(served.workers()) > 1)
    time.sleep(later)
    workers = served.workers()
    process.kill()
    process.wait()
    _, alive = psutil.wait_procs(workers, timeout=SECONDS)
    assert not alive


def test_a_port_that_is_taken_is_refused_in_a_sentence(served: Served) -> None:
    """Two on one port would share its requests: each would see half of what is saved."""
    done = subprocess.run(served.command, env=served.env(), capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert f"Cannot listen on 127.0.0.1 port {served.port}: Address already in use." in done.stderr
    assert "Traceback" not in done.stderr


def test_no_secret_is_in_the_log(served: Served) -> None:
    connection = served.connect()
    form = f"name=ada&password={PASSWORD.replace(' ', '+')}"
    connection.request("POST", "/login", form, {"Content-Type": "application/x-www-form-urlencoded"})
    answer = connection.getresponse()
    answer.read()
    cookie = (answer.getheader("Set-Cookie") or "").partition("=")[2].partition(";")[0]
    assert cookie
    served.request("GET", f"/links?auth_token={served.token}")
    served.request("GET", f"/{served.token}")
    served.request("GET", f"/setup?code={served.token}")
    connection.close()
    # Lines are written a moment after the answer.
    asked = ("POST /login", "GET /links 200", "GET /setup")
    until(lambda: all(said in served.log.read_text() for said in asked))
    log = served.log.read_text()
    for secret in (served.token, cookie):
        assert secret not in log
    assert PASSWORD not in log


def test_a_slow_stop_of_everything_ends_before_a_container_engine_would_kill_it(
    make_served: Callable[..., Served],
) -> None:
    """A request uses all the time that it is given, and PostgreSQL never ends."""
    served = make_served(environment={"TEST_SECONDS": "stopping.SECONDS=600"})
    served.command = UNHURRIED
    served.start()
    link_id = save(served, "https://example.com/")
    postmaster = served.postmaster()
    assert postmaster is not None
    with served.database() as holder:
        holder.autocommit = False
        holder.execute("SELECT FROM links WHERE id = %s FOR UPDATE", [link_id])
        asking = threading.Thread(target=edit_and_be_cut_off, args=(served, link_id))
        asking.start()
        served.wait_for_lock()
        postmaster.suspend()
        began = time.monotonic()
        status = served.stop()
        took = time.monotonic() - began
    # Only now: it would end the holder's connection too.
    postmaster.resume()
    asking.join()
    assert status == 0
    # A busy machine takes its time, too; PostgreSQL would have been waited for ten minutes.
    assert GRACE_SECONDS < took < 60
    assert STOP_SECONDS < 10


def edit_and_be_cut_off(served: Served, link_id: int) -> None:
    with contextlib.suppress(OSError, HTTPException):
        served.request("PATCH", f"/api/v1/links/{link_id}", {"title": "in flight"})
