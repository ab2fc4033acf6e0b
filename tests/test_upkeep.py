"""Upkeep: the trash keeps as long as its owner says, and counts stay what they are."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import Connection, event, select, text, update

from conftest import ORIGIN, add_account, add_link, make_engine
from linkhold import clock, upkeep
from linkhold.config import Settings
from linkhold.db import vitals
from linkhold.db.engine import transactional
from linkhold.links import idempotency, tag_counts, trash
from linkhold.links.idempotency import Answer
from linkhold.links.models import KeptAnswer, Link
from linkhold.runtime import Runtime


def trashed_for(runtime: Runtime, owner: int, link: int, days: float) -> None:
    with runtime.transaction() as session:
        trash.trash(session, owner, link, origin=ORIGIN)
        moment = clock.now() - timedelta(days=days)
        session.execute(update(Link).where(Link.id == link).values(trashed_at=moment))


def left(runtime: Runtime, owner: int) -> int:
    with runtime.reading() as session:
        return int(session.scalar(text("SELECT count(*) FROM links WHERE owner_id = :o"), {"o": owner}) or 0)


@pytest.mark.parametrize(
    ("keeps", "days", "stays"), [(30, 29.9, True), (30, 30.1, False), (7, 8, False), (None, 9999, True)]
)
def test_the_trash_keeps_as_long_as_its_owner_says(
    own_runtime: Runtime, keeps: int | None, days: float, *, stays: bool
) -> None:
    account = add_account(own_runtime)
    kept = add_link(own_runtime, account)
    with own_runtime.transaction() as session:
        session.merge(account).trash_days = keeps
    link = add_link(own_runtime, account)
    trashed_for(own_runtime, account.id, link.id, days)
    due = 0 if stays else 1
    assert vitals.work(own_runtime.engine).links_to_destroy == due
    done = upkeep.once(own_runtime)
    assert done is not None
    assert done.destroyed == due
    assert vitals.work(own_runtime.engine).links_to_destroy == 0
    assert left(own_runtime, account.id) == (2 if stays else 1)
    with own_runtime.reading() as session:
        assert session.get(Link, (account.id, kept.id)) is not None


def test_what_was_answered_is_forgotten_when_its_time_is_up_without_another_request(
    own_runtime: Runtime,
) -> None:
    """An answer has what a link held, and would outlive one that was destroyed."""
    accounts = [add_account(own_runtime) for _ in range(2)]
    with own_runtime.transaction() as session:
        for account in accounts:
            for key in ("old", "new"):
                idempotency.claim(session, account.id, key, fingerprint=b"1")
                idempotency.keep(session, account.id, key, Answer(201, b'{"notes": "secret"}'))
        past = clock.now() - idempotency.KEPT_FOR - timedelta(seconds=1)
        session.execute(update(KeptAnswer).where(KeptAnswer.key == "old").values(created_at=past))
    assert upkeep.once(own_runtime) is not None
    with own_runtime.reading() as session:
        assert [each.key for each in session.scalars(select(KeptAnswer))] == ["new", "new"]


def test_one_process_at_a_time_does_it(own_runtime: Runtime) -> None:
    with transactional(own_runtime.engine).begin() as connection:
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": upkeep.LOCK})
        assert upkeep.once(own_runtime) is None
    assert upkeep.once(own_runtime) is not None


def test_folding_leaves_the_counts_as_they_are(own_runtime: Runtime, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tag_counts, "FOLD_FROM", 5)
    account = add_account(own_runtime)
    for number in range(6):
        add_link(own_runtime, account, tags=["a/b", f"c{number % 2}"])
    with own_runtime.reading() as session:
        before = tag_counts.every(session, account.id)
    done = upkeep.once(own_runtime)
    assert done is not None
    assert done.folded == 1
    with own_runtime.reading() as session:
        assert tag_counts.every(session, account.id) == before
        assert session.scalar(text("SELECT count(*) FROM tag_differences")) == 0


def test_a_round_needs_no_connection_of_those_who_answer(
    make_database: Callable[[], str], settings: Settings
) -> None:
    alone = settings.model_copy(update={"threads": 1})
    runtime = Runtime.on(make_engine(make_database(), pool_size=alone.pool_size), alone)
    add_link(runtime, add_account(runtime), tags=["a"])
    with runtime.lend():
        assert upkeep.once(runtime) is not None
    runtime.close()


def test_a_long_round_keeps_its_lock(own_runtime: Runtime, monkeypatch: pytest.MonkeyPatch) -> None:
    """The connection that holds it idles meanwhile, for which our own time-out would end it."""
    add_account(own_runtime)

    @event.listens_for(own_runtime.engine, "begin", once=True)
    def hurry(connection: Connection) -> None:
        connection.exec_driver_sql("SET LOCAL idle_in_transaction_session_timeout = 1000")

    others: list[object] = []

    def slow(*_: object) -> bool:
        clock.sleep(2)
        others.append(upkeep.once(own_runtime))
        return False

    monkeypatch.setattr(upkeep, "_fold", slow)
    assert upkeep.once(own_runtime) is not None
    assert others == [None]


def test_a_full_trash_is_emptied_in_portions(own_runtime: Runtime, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(upkeep, "PORTION", 2)
    account = add_account(own_runtime)
    for _ in range(5):
        trashed_for(own_runtime, account.id, add_link(own_runtime, account).id, 31)
    told: list[int] = []
    done = upkeep.once(own_runtime, moved=lambda: told.append(left(own_runtime, account.id)))
    assert done is not None
    assert done.destroyed == 5
    assert left(own_runtime, account.id) == 0
    with own_runtime.reading() as session:
        kept = "SELECT count(DISTINCT made_in) FROM changes WHERE kind = 'destroyed'"
        assert session.scalar(text(kept)) == 3
    assert told == [5, 3, 1, 0, 0], "it is told after each transaction"
