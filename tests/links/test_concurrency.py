"""Many at once, over connections of their own: the database decides, not luck."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

import pytest
from sqlalchemy import select

from conftest import ORIGIN, add_account, add_link
from linkhold import clock
from linkhold.errors import Conflict, NotFound, Outdated
from linkhold.links import (
    bulk,
    editing,
    history,
    idempotency,
    moving,
    saving,
    sharing,
    tag_counts,
    tagging,
    trash,
    undoing,
)
from linkhold.links.bulk import BulkEdit
from linkhold.links.idempotency import Answer
from linkhold.links.models import Change, Link
from linkhold.links.shares import Share
from linkhold.runtime import Runtime

T = TypeVar("T")
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


def test_of_two_edits_that_saw_the_same_version_one_is_refused(own_runtime: Runtime) -> None:
    account = add_account(own_runtime)
    link = add_link(own_runtime, account)

    def edit(number: int) -> bool:
        sent = own_runtime.drafting.edit(title=f"title {number}")
        try:
            with own_runtime.transaction() as session:
                editing.edit(session, account.id, link.id, sent, origin=ORIGIN, seen={1})
        except Outdated:
            return False
        return True

    assert at_once(8, edit).count(True) == 1


def test_a_tag_is_renamed_while_saves_with_it_come_in(own_runtime: Runtime) -> None:
    """Nothing is lost, and the counts are those of the links, whoever came first."""
    account = add_account(own_runtime)
    for number in range(20):
        add_link(own_runtime, account, f"https://old.example/{number}", tags=["old", "x"])

    def work(number: int) -> None:
        with own_runtime.transaction() as session:
            if number % 10 == 5:
                try:
                    tagging.merge(session, account.id, ["old"], "new", origin=ORIGIN)
                except NotFound:
                    return
            else:
                draft = own_runtime.drafting.draft(f"https://new.example/{number % 7}/{number}", tags=["OLD"])
                saving.save(session, account.id, draft, origin=ORIGIN)

    at_once(60, work)
    with own_runtime.reading() as session:
        links = session.scalars(select(Link)).all()
        assert len(links) == 20 + 54
        assert all({tag.casefold() for tag in link.tags} & {"old", "new"} for link in links)
        wanted: Counter[str] = Counter(tag.casefold() for link in links for tag in link.tags)
        counted = {tag.name.casefold(): tag.links for tag in tag_counts.every(session, account.id)}
    assert counted == wanted


def test_a_batch_is_undone_while_saves_come_in(own_runtime: Runtime) -> None:
    account = add_account(own_runtime)
    ids = [add_link(own_runtime, account, f"https://a.example/{number}").id for number in range(30)]
    with own_runtime.transaction() as session:
        batch = bulk.edit(session, account.id, ids, BulkEdit(add_tags=["t"]), origin=ORIGIN).batch_id

    def work(number: int) -> None:
        with own_runtime.transaction() as session:
            if number == 20:
                undoing.undo_batch(session, account.id, batch, origin=ORIGIN)
            else:
                draft = own_runtime.drafting.draft(f"https://a.example/{number}", tags=[f"n{number}"])
                saving.save(session, account.id, draft, origin=ORIGIN)

    at_once(40, work)
    with own_runtime.reading() as session:
        tags = {link.url: link.tags for link in session.scalars(select(Link))}
    assert len(tags) == 40
    assert all("t" not in each for each in tags.values())
    assert all(f"n{number}" in tags[f"https://a.example/{number}"] for number in range(40) if number != 20)


def save_after_the_look(runtime: Runtime, owner: int, url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a save over another connection come between the look at who has a URL and the write."""
    holders, saves = moving.holders, iter([url])

    def look(*asked: Any) -> Any:
        found = holders(*asked)
        for each in saves:
            with runtime.transaction() as session:
                saving.save(session, owner, runtime.drafting.draft(each), origin=ORIGIN)
        return found

    monkeypatch.setattr(moving, "holders", look)


def test_a_url_that_is_saved_while_its_edit_is_undone_is_reported(
    own_runtime: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    account = add_account(own_runtime)
    link = add_link(own_runtime, account, "https://old.example/")
    with own_runtime.transaction() as session:
        sent = own_runtime.drafting.edit(url="https://new.example/")
        editing.edit(session, account.id, link.id, sent, origin=ORIGIN)
        change = history.latest(session, account.id, link.id).id
    save_after_the_look(own_runtime, account.id, "https://old.example/", monkeypatch)
    with pytest.raises(Conflict, match=undoing.TAKEN), own_runtime.transaction() as session:
        undoing.undo_change(session, account.id, link.id, change, origin=ORIGIN)
    with own_runtime.reading() as session:
        assert {each.url for each in session.scalars(select(Link))} == {
            "https://old.example/",
            "https://new.example/",
        }


def test_one_url_that_is_taken_meanwhile_does_not_keep_all_else_from_being_undone(
    own_runtime: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    account = add_account(own_runtime)
    links = [add_link(own_runtime, account, f"https://old.example/{number}") for number in range(3)]
    moment = clock.now()
    with own_runtime.transaction() as session:
        for number, link in enumerate(links):
            sent = own_runtime.drafting.edit(url=f"https://new.example/{number}", title="T")
            editing.edit(session, account.id, link.id, sent, origin=ORIGIN)
    save_after_the_look(own_runtime, account.id, "https://old.example/1", monkeypatch)
    with own_runtime.transaction() as session:
        undone = undoing.undo_since(session, account.id, moment, origin=ORIGIN)
    assert [(each.link_id, each.reason) for each in undone.left] == [(links[1].id, undoing.TAKEN)]
    with own_runtime.reading() as session:
        now = {link.id: (link.url, link.title) for link in session.scalars(select(Link))}
    assert [now[link.id] for link in links] == [
        ("https://old.example/0", ""),
        ("https://new.example/1", ""),
        ("https://old.example/2", ""),
    ]


def test_a_share_of_many_links_is_undone_while_saves_of_them_come_in(own_runtime: Runtime) -> None:
    """What came before the undo keeps its link; what comes after it brings the link back."""
    account = add_account(own_runtime)
    urls = [f"https://a.example/{number}" for number in range(20)]
    with own_runtime.transaction() as session:
        share = Share(text="\n".join(urls), tags=["shared"])
        shared = sharing.share(session, account.id, share, drafting=own_runtime.drafting, origin=ORIGIN)
    assert shared.batch is not None
    batch = shared.batch.batch_id

    def work(number: int) -> None:
        with own_runtime.transaction() as session:
            if number == 10:
                undoing.undo_batch(session, account.id, batch, origin=ORIGIN)
            elif number < 20:
                draft = own_runtime.drafting.draft(urls[number], tags=[f"n{number}"])
                saving.save(session, account.id, draft, origin=ORIGIN)
            else:
                again = Share(text="\n".join(reversed(urls[:5])), tags=["again"])
                sharing.share(session, account.id, again, drafting=own_runtime.drafting, origin=ORIGIN)

    at_once(24, work)
    with own_runtime.reading() as session:
        links = {link.url: link for link in session.scalars(select(Link))}
        counted = {tag.name: tag.links for tag in tag_counts.every(session, account.id)}
    kept = {url for url, link in links.items() if link.trashed_at is None}
    assert kept == set(urls) - {urls[10]}
    assert all(f"n{number}" in links[url].tags for number, url in enumerate(urls) if number != 10)
    assert counted["shared"] == len(kept)
    assert counted["again"] == 5


def test_an_import_is_undone_while_it_goes_on_and_once_more_at_its_end(own_runtime: Runtime) -> None:
    """What was there before the import is again as it was, and what the import adds is in the trash."""
    account = add_account(own_runtime)
    urls = [f"https://a.example/{number}" for number in range(60)]
    for url in urls[:20]:
        add_link(own_runtime, account, url, title="mine", tags=["mine"])
    moment = clock.now()
    imported, undone_meanwhile = threading.Event(), []

    def work(part: int) -> None:
        if part == 3:
            while not imported.is_set():
                with own_runtime.transaction() as session:
                    undone_meanwhile.append(undoing.undo_since(session, account.id, moment, origin=ORIGIN))
            return
        for url in urls[part::3]:
            with own_runtime.transaction() as session:
                draft = own_runtime.drafting.draft(url, title="theirs", notes="note", tags=["imported"])
                saving.save(session, account.id, draft, origin=ORIGIN)
        finished.wait()
        imported.set()

    finished = threading.Barrier(3)
    at_once(4, work)
    assert any(each.done.links for each in undone_meanwhile)
    with own_runtime.transaction() as session:
        undoing.undo_since(session, account.id, moment, origin=ORIGIN)
    with own_runtime.reading() as session:
        links = {link.url: link for link in session.scalars(select(Link))}
        counted = {tag.name: tag.links for tag in tag_counts.every(session, account.id) if tag.links}
    kept = {url: (each.title, each.notes, each.tags) for url, each in links.items() if not each.trashed_at}
    assert kept == dict.fromkeys(urls[:20], ("mine", "", ["mine"]))
    assert set(links) == set(urls)
    assert counted == {"mine": 20}


def test_acts_on_many_links_do_not_wait_for_one_another_for_ever(own_runtime: Runtime) -> None:
    """Each locks in the order of ids, so none holds what another needs while it needs what that one holds."""
    account = add_account(own_runtime)
    ids = [add_link(own_runtime, account).id for _ in range(40)]

    def work(number: int) -> None:
        order = ids if number % 2 else ids[::-1]
        with own_runtime.transaction() as session:
            bulk.edit(session, account.id, order, BulkEdit(add_tags=[f"t{number}"]), origin=ORIGIN)

    at_once(16, work)
    with own_runtime.reading() as session:
        assert {len(link.tags) for link in session.scalars(select(Link))} == {16}
