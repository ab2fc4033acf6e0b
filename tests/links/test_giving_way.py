"""Links that gave their URL to another: none comes out of the trash without a URL of its own."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from conftest import ORIGIN, add_account, add_link
from linkhold import clock
from linkhold.accounts.models import Account
from linkhold.errors import Conflict
from linkhold.links import bulk, editing, history, moving, saving, trash, undoing
from linkhold.links.drafting import Drafting
from linkhold.links.models import Link
from linkhold.runtime import Runtime

DRAFTING = Drafting()
WANTED, OTHER = "https://wanted.example/", "https://other.example/"


def save(session: Session, account: Account, url: str) -> Link:
    saved = saving.save(session, account.id, DRAFTING.draft(url), origin=ORIGIN)
    return session.get_one(Link, (account.id, saved.link.id))


def move(session: Session, link: Link, url: str) -> int:
    """Give a link another URL; returns the change."""
    editing.edit(session, link.owner_id, link.id, DRAFTING.edit(url=url), origin=ORIGIN)
    return history.latest(session, link.owner_id, link.id).id


def lose(session: Session, account: Account, first: Link, *, by_hand: bool = False) -> Link:
    """Return a link that was saved with the URL of another, and lost it when all that was undone.

    It is in the trash because of that, or was before, `by_hand`.
    """
    moment = clock.now()
    move(session, first, f"{OTHER}{first.version}")
    link = save(session, account, WANTED)
    if by_hand:
        trash.trash(session, account.id, link.id, origin=ORIGIN)
    undoing.undo_since(session, account.id, moment, origin=ORIGIN)
    session.expire_all()
    assert (first.identity, link.trashed_at is None) == (WANTED, False)
    return link


def live(session: Session, account: Account) -> list[str]:
    """Return the identities of the links that are not in the trash."""
    session.expire_all()
    query = select(Link.identity).filter_by(owner_id=account.id, trashed_at=None).order_by(Link.id)
    return list(session.scalars(query))


def test_what_gave_way_inside_the_trash_comes_out_only_when_its_url_is_free(
    session: Session, account: Account
) -> None:
    first = save(session, account, WANTED)
    link = lose(session, account, first, by_hand=True)
    trashed = next(
        each for each in history.of_link(session, account.id, link.id, limit=9) if each.kind == "trashed"
    )
    with pytest.raises(Conflict, match=undoing.TAKEN):
        undoing.undo_change(session, account.id, link.id, trashed.id, origin=ORIGIN)
    assert live(session, account) == [WANTED]
    move(session, first, OTHER)
    undoing.undo_change(session, account.id, link.id, trashed.id, origin=ORIGIN)
    assert live(session, account) == [OTHER, WANTED]
    assert save(session, account, WANTED).id == link.id


def test_of_a_link_that_is_undone_as_a_whole_no_url_is_missed(session: Session, account: Account) -> None:
    """It had the URL that another has again, and goes to the trash by the one that it had last."""
    first = save(session, account, WANTED)
    moment = clock.now()
    move(session, first, OTHER)
    link = save(session, account, WANTED)
    move(session, link, f"{OTHER}last")
    undone = undoing.undo_since(session, account.id, moment, origin=ORIGIN)
    assert (undone.left, live(session, account)) == ([], [WANTED])
    assert undoing.undo_batch(session, account.id, undone.done.batch_id, origin=ORIGIN).left == []
    assert live(session, account) == [OTHER, f"{OTHER}last"]


def test_an_undo_that_leaves_a_link_out_of_the_trash_leaves_it_its_url(
    session: Session, account: Account
) -> None:
    """Of a restoration that was followed by others, only the URL could go back: to what is none."""
    first = save(session, account, WANTED)
    link = lose(session, account, first)
    move(session, first, OTHER)
    trash.restore(session, account.id, link.id, origin=ORIGIN)
    restored = history.latest(session, account.id, link.id).id
    trash.trash(session, account.id, link.id, origin=ORIGIN)
    trash.restore(session, account.id, link.id, origin=ORIGIN)
    with pytest.raises(Conflict, match="changed since: trash"):
        undoing.undo_change(session, account.id, link.id, restored, origin=ORIGIN)
    assert live(session, account) == [OTHER, WANTED]


def test_of_two_links_that_gave_up_one_url_one_comes_back(session: Session, account: Account) -> None:
    first = save(session, account, WANTED)
    links = [lose(session, account, first).id, lose(session, account, first).id]
    move(session, first, OTHER)
    assert bulk.restore(session, account.id, links, origin=ORIGIN).links == 1
    assert live(session, account) == [OTHER, WANTED]


@pytest.mark.parametrize("many", [False, True])
def test_a_save_takes_the_url_while_a_link_that_gave_way_comes_back(
    own_runtime: Runtime, monkeypatch: pytest.MonkeyPatch, *, many: bool
) -> None:
    account = add_account(own_runtime)
    with own_runtime.transaction() as session:
        first = save(session, account, WANTED)
        link = lose(session, account, first).id
        move(session, first, OTHER)
    holders = moving.holders

    def look(*asked: Any) -> Any:
        found = holders(*asked)
        add_link(own_runtime, account, WANTED)
        return found

    monkeypatch.setattr(moving, "holders", look)
    with own_runtime.transaction() as session:
        if many:
            assert bulk.restore(session, account.id, [link], origin=ORIGIN).links == 0
        else:
            with pytest.raises(Conflict, match="Another link of your library has this URL"):
                trash.restore(session, account.id, link, origin=ORIGIN)
    with own_runtime.reading() as session:
        assert live(session, account) == [OTHER, WANTED]
