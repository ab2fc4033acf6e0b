"""Notifications reach a process that listens, and one that cannot hear knows it."""

from __future__ import annotations

import queue
from collections.abc import Callable, Iterator
from functools import partial

import pytest
from sqlalchemy import Engine, text

from conftest import TestServer
from linkhold.db import engine as engines
from linkhold.db import listening
from linkhold.db.listening import Ear, Listener
from linkhold.runtime import Runtime

SOON = 60.0


class Ledger:
    """Notes what an ear is told."""

    def __init__(self) -> None:
        self.notes: queue.Queue[str] = queue.Queue()
        self.ear = Ear(told=self.notes.put, missed=lambda: self.notes.put("missed"))

    def next(self) -> str:
        return self.notes.get(timeout=SOON)


@pytest.fixture
def ledger() -> Ledger:
    return Ledger()


@pytest.fixture
def listener(own_runtime: Runtime, ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> Iterator[Listener]:
    """Return a process's own, which goes past the pooler where there is one."""
    monkeypatch.setattr(listening, "RETRY_SECONDS", 0.05)
    monkeypatch.setattr(listening, "HELLO_SECONDS", SOON)
    listener = own_runtime.listener
    listener.hear("test_channel", ledger.ear)
    listener.start()
    yield listener
    listener.stop()


def notify(engine: Engine, payload: str) -> None:
    with engine.connect() as connection:
        connection.execute(text("SELECT pg_notify('test_channel', :payload)"), {"payload": payload})


def test_what_is_told_while_it_listens_is_heard(
    own_runtime: Runtime, listener: Listener, ledger: Ledger
) -> None:
    assert listener.wait(SOON)
    for number in range(20):
        notify(own_runtime.engine, str(number))
    assert [ledger.next() for _ in range(20)] == [str(number) for number in range(20)]


def test_a_lost_connection_is_reported_before_it_listens_again(
    own_runtime: Runtime, listener: Listener, ledger: Ledger
) -> None:
    assert listener.wait(SOON)
    with own_runtime.engine.connect() as connection:
        connection.execute(
            text(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE query LIKE 'LISTEN test%' AND datname = current_database()"
            )
        )
    assert ledger.next() == "missed"
    assert listener.wait(SOON)
    notify(own_runtime.engine, "afterwards")
    assert ledger.next() == "afterwards"


def test_a_connection_that_swallows_notifications_does_not_count(
    own_runtime: Runtime, ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A pooler in transaction mode takes LISTEN and delivers nothing; here we forget to LISTEN."""
    monkeypatch.setattr(listening, "HELLO", "not_listened_to")
    monkeypatch.setattr(listening, "HELLO_SECONDS", 0.2)
    monkeypatch.setattr(Listener, "_hear_for", lambda *_args, **_kwargs: None)
    listener = Listener(own_runtime.engine)
    listener.hear("test_channel", ledger.ear)
    listener.start()
    assert ledger.next() == "missed"
    assert not listener.listening
    listener.stop()


def test_a_way_past_the_pooler_to_another_database_does_not_count(
    own_runtime: Runtime,
    ledger: Ledger,
    postgres: TestServer,
    make_database: Callable[[], str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """It opens, and nothing that is told is ever heard there."""
    monkeypatch.setattr(listening, "HELLO_SECONDS", 0.2)
    elsewhere = engines.driver_url(postgres.straight(make_database()))
    listener = Listener(own_runtime.engine, straight=partial(engines.opened, elsewhere, statement_timeout=30))
    listener.hear("test_channel", ledger.ear)
    listener.start()
    assert ledger.next() == "missed"
    assert not listener.listening
    listener.stop()


def test_a_listener_that_was_stopped_does_not_listen(listener: Listener) -> None:
    assert listener.wait(SOON)
    listener.stop()
    assert not listener.listening
