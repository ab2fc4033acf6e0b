"""Undo of URLs: each link comes back to its own, whoever has it meanwhile."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from conftest import ORIGIN
from linkhold import clock
from linkhold.accounts.models import Account
from linkhold.errors import Conflict
from linkhold.links import bulk, editing, history, saving, trash, undoing
from linkhold.links.undoing import TAKEN
from links.acts import DRAFTING, Edit, Make, Undo


def test_everything_is_undone_though_the_url_was_taken_meanwhile(
    session: Session, account: Account, saved_link: Make, edit: Edit, undo: Undo
) -> None:
    """The link that has it is undone too: it gives way, and comes back when the undo is undone."""
    first = saved_link(account, "https://a.example/")
    moment = clock.now()
    edit(first, url="https://b.example/")
    second = saved_link(account, "https://a.example/", title="second")
    undone = undoing.undo_since(session, account.id, moment, origin=ORIGIN)
    session.expire_all()
    assert undone.left == []
    assert (first.url, first.identity) == ("https://a.example/", "https://a.example/")
    assert second.trashed_at is not None
    saved = saving.save(session, account.id, DRAFTING.draft("https://a.example/"), origin=ORIGIN)
    assert saved.link.id == first.id
    assert undo(undone.done.batch_id).left == []
    assert (first.identity, second.identity) == ("https://b.example/", "https://a.example/")
    assert second.trashed_at is None


def test_a_link_that_gave_way_comes_out_of_the_trash_once_its_url_is_free(
    session: Session, account: Account, saved_link: Make, edit: Edit
) -> None:
    first = saved_link(account, "https://a.example/")
    moment = clock.now()
    edit(first, url="https://b.example/")
    second = saved_link(account, "https://a.example/")
    undoing.undo_since(session, account.id, moment, origin=ORIGIN)
    session.expire_all()
    with pytest.raises(Conflict, match=f"Link {first.id} of your library has this URL"):
        trash.restore(session, account.id, second.id, origin=ORIGIN)
    assert bulk.restore(session, account.id, [second.id], origin=ORIGIN).links == 0
    edit(first, url="https://c.example/")
    assert bulk.restore(session, account.id, [second.id], origin=ORIGIN).links == 1
    session.expire_all()
    assert (second.identity, second.trashed_at) == ("https://a.example/", None)


def test_a_link_that_gave_way_is_not_brought_back_without_a_url_of_its_own(
    session: Session, account: Account, saved_link: Make, edit: Edit
) -> None:
    first = saved_link(account, "https://a.example/")
    moment = clock.now()
    edit(first, url="https://b.example/")
    second = saved_link(account, "https://a.example/")
    undoing.undo_since(session, account.id, moment, origin=ORIGIN)
    last = history.latest(session, account.id, second.id).id
    with pytest.raises(Conflict, match=TAKEN):
        undoing.undo_change(session, account.id, second.id, last, origin=ORIGIN)
    session.refresh(second)
    assert second.trashed_at is not None


def test_urls_that_were_swapped_are_swapped_back(
    session: Session, account: Account, saved_link: Make, edit: Edit
) -> None:
    one, other = saved_link(account, "https://a.example/"), saved_link(account, "https://b.example/")
    moment = clock.now()
    edit(one, url="https://c.example/")
    edit(other, url="https://a.example/")
    edit(one, url="https://b.example/")
    assert undoing.undo_since(session, account.id, moment, origin=ORIGIN).left == []
    session.expire_all()
    assert (one.identity, other.identity) == ("https://a.example/", "https://b.example/")


def test_a_url_of_a_link_that_stays_is_not_taken_from_it(
    session: Session, account: Account, saved_link: Make, edit: Edit
) -> None:
    link = saved_link(account, "https://a.example/")
    change = edit(link, url="https://b.example/")
    saved_link(account, "https://a.example/")
    with pytest.raises(Conflict, match=TAKEN):
        undoing.undo_change(session, account.id, link.id, change, origin=ORIGIN)


def test_a_long_undo_keeps_what_each_link_had(
    session: Session, account: Account, saved_link: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Across the borders of what is written at once."""
    monkeypatch.setattr(undoing, "BATCH", 3)
    links = [saved_link(account, f"https://a.example/{number}", title=f"{number}") for number in range(8)]
    moment = clock.now() + timedelta(microseconds=1)
    for number, link in enumerate([*links, links[0]]):
        sent = DRAFTING.edit(url=f"https://b.example/{number}" if number < 8 else "https://a.example/7")
        editing.edit(session, account.id, link.id, sent, origin=ORIGIN)
    assert undoing.undo_since(session, account.id, moment, origin=ORIGIN).left == []
    session.expire_all()
    assert [link.identity for link in links] == [f"https://a.example/{number}" for number in range(8)]
