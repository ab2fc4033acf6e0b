"""Many at once, over connections of their own: the database decides, not luck."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from sqlalchemy import select

from conftest import add_account, add_link
from linkhold.errors import Conflict
from linkhold.links import editing, idempotency, saving, trash
from linkhold.links.changes import Origin
from linkhold.links.idempotency import Answer
from linkhold.links.models import Change, Link
from linkhold.runtime import Runtime

T = TypeVar("T")
ORIGIN = Origin("test")
THREADS = 32


def at_once(count: int, work: Callable[[int], T]) -> list[T]:
    """Run `work` in threads that begin at one moment, as far as that can be had."""
    barrier = threading.Barrier(min(count, THREADS))

    def waited(number: int) -> T:
        if number < barrier.parties:
            barrier.wait()
        return work(number)

    with ThreadPoolExecutor(THREADS) as pool:
        return list(pool.map(waited, range(count)))


def test_two_hundred_simultaneous_saves_of_one_url_make_one_link(own_runtime: Runtime) -> None:
    owner = add_account(own_runtime).id

    def save(number: int) -> bool:
        draft = own_runtime.drafting.draft(f"https://example.com/?utm_source={number}", tags=[f"t{number}"])
        with own_runtime.transaction() as session:
            return saving.save(session, owner, draft, origin=ORIGIN).created

    created = at_once(200, save)
    assert created.count(True) == 1
    with own_runtime.reading() as session:
        link = session.scalars(select(Link)).one()
        changes = session.scalars(select(Change)).all()
    assert sorted(link.tags) == sorted(f"t{number}" for number in range(200))
    assert len(changes) == 200


def test_repetitions_with_one_key_that_come_together_save_once(own_runtime: Runtime) -> None:
    owner = add_account(own_runtime).id

    def request(number: int) -> Answer:
        with own_runtime.transaction() as session:
            kept = idempotency.claim(session, owner, "key", fingerprint=b"f")
            if kept is None:
                kept = Answer(201, str(number).encode())
                idempotency.keep(session, owner, "key", kept)
            return kept

    assert len(set(at_once(40, request))) == 1


def test_saving_and_trashing_one_link_at_once_loses_neither(own_runtime: Runtime) -> None:
    """Each change starts from what the one before it left: the history is a chain."""
    account = add_account(own_runtime)
    link = add_link(own_runtime, account, "https://example.com/")

    def work(number: int) -> None:
        with own_runtime.transaction() as session:
            if number % 2:
                trash.trash(session, account.id, link.id, origin=ORIGIN)
            else:
                draft = own_runtime.drafting.draft("https://example.com/", tags=[f"t{number}"])
                saving.save(session, account.id, draft, origin=ORIGIN)

    at_once(60, work)
    with own_runtime.reading() as session:
        changes = session.scalars(select(Change).order_by(Change.id)).all()
        kept = session.scalars(select(Link)).one()
    tags: list[str] = []
    for change in changes[1:]:
        if "tags" in change.after:
            assert change.before["tags"] == tags
            tags = change.after["tags"]
    assert kept.tags == tags
    assert len(tags) == 30


def test_two_edits_to_one_url_at_once_leave_one_winner(own_runtime: Runtime) -> None:
    account = add_account(own_runtime)
    links = [add_link(own_runtime, account) for _ in range(8)]

    def edit(number: int) -> bool:
        wanted = own_runtime.drafting.edit(url="https://wanted.example/")
        try:
            with own_runtime.transaction() as session:
                editing.edit(session, account.id, links[number].id, wanted, origin=ORIGIN)
        except Conflict:
            return False
        return True

    assert at_once(8, edit).count(True) == 1
