"""Editing, trashing and restoring: what was there is in the history."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from linkhold.accounts.models import Account
from linkhold.errors import Conflict, NotFound
from linkhold.links import editing, trash
from linkhold.links.changes import Origin
from linkhold.links.drafting import Drafting
from linkhold.links.identity import VERSION
from linkhold.links.models import Change, Link

WEB = Origin("web")


def last_change(session: Session, link: Link) -> Change:
    query = select(Change).where(Change.owner_id == link.owner_id, Change.link_id == link.id)
    return session.scalars(query.order_by(Change.id.desc())).all()[0]


def count(session: Session, link: Link) -> int:
    return len(session.scalars(select(Change.id).where(Change.link_id == link.id)).all())


def test_an_edit_replaces_and_the_history_keeps_what_was(
    session: Session, account: Account, make_link: Callable[..., Link]
) -> None:
    link = make_link(account, title="A", tags=["a"])
    edit = Drafting().edit(title="B", tags=[], unread=True)
    edited = editing.edit(session, account.id, link.id, edit, origin=WEB)
    assert (edited.title, edited.tags, edited.unread) == ("B", [], True)
    change = last_change(session, link)
    assert (change.kind, change.before) == ("edited", {"title": "A", "tags": ["a"], "unread": False})
    assert change.after == {"title": "B", "tags": [], "unread": True}


def test_an_edit_that_changes_nothing_records_nothing(
    session: Session, account: Account, make_link: Callable[..., Link]
) -> None:
    link = make_link(account, title="A")
    editing.edit(session, account.id, link.id, Drafting().edit(title="A"), origin=WEB)
    assert count(session, link) == 1


def test_a_new_url_brings_its_identity(
    session: Session, account: Account, make_link: Callable[..., Link]
) -> None:
    link = make_link(account, "https://old.example/")
    edit = Drafting().edit(url="https://NEW.example/?utm_source=x")
    edited = editing.edit(session, account.id, link.id, edit, origin=WEB)
    assert (edited.url, edited.identity) == ("https://NEW.example/?utm_source=x", "https://new.example/")
    assert edited.identity_hash == edit.identity.hash if edit.identity else False
    before = {"url": "https://old.example/", "identity": "https://old.example/", "identity_version": VERSION}
    assert last_change(session, link).before == before


def test_another_form_of_its_own_url_is_no_conflict(
    session: Session, account: Account, make_link: Callable[..., Link]
) -> None:
    link = make_link(account, "https://example.com/")
    edit = Drafting().edit(url="https://EXAMPLE.com/")
    assert editing.edit(session, account.id, link.id, edit, origin=WEB).url == "https://EXAMPLE.com/"


def test_the_url_of_another_link_is_refused_and_the_link_named(
    session: Session, account: Account, make_link: Callable[..., Link]
) -> None:
    other, link = make_link(account, "https://other.example/"), make_link(account)
    trash.trash(session, account.id, other.id, origin=WEB)
    with pytest.raises(Conflict, match=f"Link {other.id} of your library, in the trash,"):
        editing.edit(session, account.id, link.id, Drafting().edit(url="https://other.example/"), origin=WEB)


def test_a_url_that_is_taken_at_the_last_moment_is_a_conflict(
    session: Session,
    account: Account,
    make_link: Callable[..., Link],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The unique key decides, not the look before it."""
    make_link(account, "https://other.example/")
    link = make_link(account)
    monkeypatch.setattr(editing, "_refuse_known_url", lambda *_: None)
    with pytest.raises(Conflict):
        editing.edit(session, account.id, link.id, Drafting().edit(url="https://other.example/"), origin=WEB)
    session.rollback()


def test_a_trashed_link_is_not_edited(
    session: Session, account: Account, make_link: Callable[..., Link]
) -> None:
    link = make_link(account)
    trash.trash(session, account.id, link.id, origin=WEB)
    with pytest.raises(Conflict, match="restore it first"):
        editing.edit(session, account.id, link.id, Drafting().edit(title="x"), origin=WEB)


def test_trashing_and_restoring_are_recorded_once_each(
    session: Session, account: Account, make_link: Callable[..., Link]
) -> None:
    link = make_link(account)
    for _ in range(2):
        trashed = trash.trash(session, account.id, link.id, origin=WEB)
        assert trashed.trashed_at is not None
    for _ in range(2):
        assert trash.restore(session, account.id, link.id, origin=WEB).trashed_at is None
    assert count(session, link) == 3


@pytest.mark.parametrize("act", [trash.trash, trash.restore])
def test_another_accounts_link_is_not_found(
    session: Session,
    make_account: Callable[..., Account],
    make_link: Callable[..., Link],
    act: Callable[..., Link],
) -> None:
    link = make_link(make_account())
    stranger = make_account()
    with pytest.raises(NotFound):
        act(session, stranger.id, link.id, origin=WEB)
    with pytest.raises(NotFound):
        editing.edit(session, stranger.id, link.id, Drafting().edit(title="x"), origin=WEB)
