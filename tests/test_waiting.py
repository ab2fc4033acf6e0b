"""Waiting for a library to change: in this process, across processes, and in nobody's way."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from conftest import TestServer, add_account, add_token
from linkhold import config, waiting
from linkhold.app import create_app
from linkhold.db import listening
from linkhold.runtime import Runtime
from linkhold.waiting import Bell, Waiters
from patience import until

SOON = 60.0
# A client that is answered before its wait is over was told, and did not just look again.
WAIT, TOLD_WITHIN = 60, 50.0
MOST = 4


@pytest.fixture
def _told_or_not_at_all(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a wait not look by itself, which would hide that nobody rang."""
    monkeypatch.setattr(waiting, "DEAF_SECONDS", SOON)


@pytest.fixture
def serving(own_runtime: Runtime) -> Iterator[Runtime]:
    own_runtime.listen()
    assert own_runtime.listener.wait(SOON)
    yield replace(own_runtime, waiters=Waiters(MOST))
    own_runtime.listener.stop()
    own_runtime.bell.stop()


def test_a_ring_is_heard_by_those_who_wait_for_that_library(own_runtime: Runtime) -> None:
    bell = Bell(own_runtime.engine)
    with bell.listening(1) as mine, bell.listening(2) as other:
        bell.ring(1)
        assert mine.rung
        assert not other.rung


def test_a_ring_in_another_process_is_heard(serving: Runtime) -> None:
    elsewhere = Runtime.on(serving.engine, serving.settings)
    elsewhere.listen()
    assert elsewhere.listener.wait(SOON)
    with serving.bell.listening(7) as ring:

        def is_rung() -> bool:
            elsewhere.bell.ring(7)  # again, until it was told there that somebody waits
            return ring.rung

        until(is_rung)
    elsewhere.listener.stop()
    elsewhere.bell.stop()


def test_a_way_past_the_pooler_that_is_away_delays_waits_and_stops_no_save(
    own_runtime: Runtime, postgres: TestServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listening, "RETRY_SECONDS", 0.05)
    way = tmp_path / "way"
    url = own_runtime.engine.url
    settings = config.load(
        {
            "LINKHOLD_DATABASE_POOLER": "transaction",
            "LINKHOLD_DATABASE_DIRECT_URL": f"postgresql://linkhold@/{url.database}?host={way}",
        }
    )
    runtime = Runtime.on(own_runtime.engine, settings)
    runtime.listen()
    mine, elsewhere = headers(runtime), create_app(own_runtime).test_client()
    client = create_app(runtime).test_client()
    cursor = client.get("/api/v1/changes?since=now", headers=mine).get_json()["next"]
    with ThreadPoolExecutor(1) as pool:
        path = f"/api/v1/changes?since={cursor}&wait={WAIT}"
        asked = pool.submit(create_app(runtime).test_client().get, path, headers=mine)
        saved = elsewhere.post("/api/v1/links", json={"url": "https://a.example/"}, headers=mine)
        assert saved.status_code == 201
        found = asked.result(timeout=TOLD_WITHIN).get_json()["changes"]
    assert [change["link"] for change in found] == [saved.get_json()["id"]]
    assert client.post("/api/v1/links", json={"url": "https://b.example/"}, headers=mine).status_code == 201
    assert not runtime.listener.listening, "and so no token is kept"
    way.symlink_to(postgres.lease.socket_dir)
    assert runtime.listener.wait(SOON), "it is there again"
    runtime.listener.stop()
    runtime.bell.stop()


def test_nobody_is_told_of_a_library_for_which_nobody_waits(own_runtime: Runtime) -> None:
    own_runtime.bell.ring(7)
    assert not own_runtime.bell._news


def headers(runtime: Runtime) -> dict[str, str]:
    return {"Authorization": f"Bearer {add_token(runtime, add_account(runtime))}"}


def number_waiting(runtime: Runtime) -> int:
    return MOST - runtime.waiters._room._value


@pytest.mark.usefixtures("_told_or_not_at_all")
@pytest.mark.parametrize("since", ["cursor", "now"])
def test_a_client_that_waits_is_answered_when_something_changes(serving: Runtime, since: str) -> None:
    app, mine = create_app(serving), headers(serving)

    def wait() -> Any:
        answer = app.test_client().get(f"/api/v1/changes?since={cursor}&wait={WAIT}", headers=mine)
        return answer.get_json()

    cursor = since
    if since != "now":
        cursor = app.test_client().get("/api/v1/changes?since=now", headers=mine).get_json()["next"]
    with ThreadPoolExecutor(1) as pool:
        asked = pool.submit(wait)
        until(lambda: number_waiting(serving) == 1)
        saved = app.test_client().post("/api/v1/links", json={"url": "https://a.example/"}, headers=mine)
        told = asked.result(timeout=TOLD_WITHIN)
    assert [change["link"] for change in told["changes"]] == [saved.get_json()["id"]]


def test_a_wait_without_a_change_ends_empty(serving: Runtime) -> None:
    answer = create_app(serving).test_client().get("/api/v1/changes?wait=1", headers=headers(serving))
    assert answer.get_json()["changes"] == []


def test_all_waits_end_when_the_process_is_to_stop_and_none_begins(own_runtime: Runtime) -> None:
    bell = Bell(own_runtime.engine)
    with bell.listening(1) as ring:
        threading.Timer(0.1, bell.dismiss).start()
        started = time.monotonic()
        while not ring.over:
            ring.wait(1)
        ring.wait(60)
        with bell.listening(2) as late:
            late.wait(60)
        assert time.monotonic() - started < 55
        assert not ring.rung


@pytest.mark.usefixtures("_told_or_not_at_all")
def test_those_who_wait_hold_no_connection(serving: Runtime) -> None:
    """More would wait than may, and a save goes through all the same."""
    app, mine = create_app(serving), headers(serving)
    cursor = app.test_client().get("/api/v1/changes?since=now", headers=mine).get_json()["next"]
    address = f"/api/v1/changes?since={cursor}&wait={WAIT}"
    threads = [
        threading.Thread(target=lambda: app.test_client().get(address, headers=mine)) for _ in range(MOST + 2)
    ]
    for thread in threads:
        thread.start()
    until(lambda: number_waiting(serving) == MOST)
    # The listener's connection is not of the pool; who found no room may still be looking.
    until(lambda: serving.engine.pool.checkedout() <= 1)  # type: ignore[attr-defined]
    started = time.monotonic()
    saved = app.test_client().post("/api/v1/links", json={"url": "https://a.example/"}, headers=mine)
    assert saved.status_code == 201
    for thread in threads:
        thread.join()
    assert time.monotonic() - started < TOLD_WITHIN, "the save ended the waits"


def test_more_than_may_wait_are_answered_at_once() -> None:
    waiters = Waiters(1)
    with waiters.joined() as first:
        assert first
        with waiters.joined() as second:
            assert not second
    with waiters.joined() as third:
        assert third, "there is room again"


def test_who_finds_no_room_to_wait_is_told_when_to_ask_again(serving: Runtime) -> None:
    """Otherwise a client that waits in a loop would ask without a pause."""
    full, mine = replace(serving, waiters=Waiters(0)), headers(serving)
    asking = create_app(full).test_client()
    answer = asking.get("/api/v1/changes?wait=30", headers=mine)
    assert (answer.status_code, answer.get_json()["changes"]) == (200, [])
    assert int(answer.headers["Retry-After"]) > 0
    asking.post("/api/v1/links", json={"url": "https://a.example/"}, headers=mine)
    # It can be told when what other tests began on this server before it has ended.
    until(lambda: asking.get("/api/v1/changes", headers=mine).get_json()["changes"])
    for address in ("/api/v1/changes?wait=30", "/api/v1/changes"):
        assert "Retry-After" not in asking.get(address, headers=mine).headers
