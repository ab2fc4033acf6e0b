"""Saving: one link for one identity, merged, recorded, and back from the trash."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from contextlib import nullcontext
from typing import Any

import psycopg
import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from linkhold.accounts.models import Account
from linkhold.db.engine import direct
from linkhold.errors import Conflict
from linkhold.links import saving, trash
from linkhold.links.adding import NewLink, Saved
from linkhold.links.changes import Origin
from linkhold.links.drafting import Drafting
from linkhold.links.gathering import Gathering
from linkhold.links.models import Change, Link

PHONE = Origin("v1", "iPhone")


def save(session: Session, account: Account, url: str, **fields: Any) -> Saved:
    return saving.save(session, account.id, Drafting().draft(url, **fields), origin=PHONE)


def history(session: Session, link: Link | NewLink) -> list[Change]:
    query = select(Change).where(Change.link_id == link.id)
    return list(session.scalars(query.order_by(Change.id)))


def count(session: Session, account: Account) -> int:
    return len(session.scalars(select(Link.id).where(Link.owner_id == account.id)).all())


def test_an_unknown_link_is_added_whole_with_its_first_change(session: Session, account: Account) -> None:
    saved = save(session, account, "https://example.com/?utm_source=x", title="T", tags=["a"], unread=True)
    assert saved.created
    session.expire_all()
    link = session.get_one(Link, (account.id, saved.link.id))
    assert (link.url, link.identity) == ("https://example.com/?utm_source=x", "https://example.com/")
    assert (link.title, link.tags, link.unread, link.archived) == ("T", ["a"], True, False)
    [change] = history(session, link)
    assert (change.kind, change.door, change.token, change.before) == ("added", "v1", "iPhone", {})
    assert change.after == {"url": link.url, "title": "T", "tags": ["a"], "unread": True}


def test_what_save_returns_is_what_is_stored(session: Session, account: Account) -> None:
    returned = save(session, account, "https://example.com/", notes="n").link
    session.flush()
    stored = session.scalars(select(Link).where(Link.id == returned.id)).one()
    names = [field.name for field in dataclasses.fields(NewLink)]
    assert [getattr(returned, name) for name in names] == [getattr(stored, name) for name in names]


def test_saving_twice_keeps_one_link_and_records_nothing_new(session: Session, account: Account) -> None:
    first = save(session, account, "https://example.com/", title="T", tags=["a"])
    again = save(session, account, "https://example.com/", title="T", tags=["a"])
    assert (again.created, again.link.id) == (False, first.link.id)
    assert len(history(session, first.link)) == 1


def test_saving_a_known_link_merges_and_records_what_it_was(session: Session, account: Account) -> None:
    link = save(session, account, "https://example.com/", title="Mine", notes="n", tags=["a"]).link
    merged = save(session, account, "https://example.com/", title="Theirs", tags=["b"]).link
    assert (merged.title, merged.notes, merged.tags) == ("Theirs", "n", ["a", "b"])
    change = history(session, link)[-1]
    assert change.kind == "merged"
    assert change.before == {"title": "Mine", "tags": ["a"]}
    assert change.after == {"title": "Theirs", "tags": ["a", "b"]}
    assert merged.changed_at == change.made_at


def test_another_form_of_the_url_is_kept_in_the_history(session: Session, account: Account) -> None:
    link = save(session, account, "https://example.com/").link
    merged = save(session, account, "https://example.com/?utm_source=mail").link
    assert merged.url == "https://example.com/"
    change = history(session, link)[-1]
    assert (change.sent_url, change.after) == ("https://example.com/?utm_source=mail", {})


def test_a_form_of_the_url_that_is_sent_again_and_again_is_kept_once(
    session: Session, account: Account
) -> None:
    link = save(session, account, "https://example.com/").link
    forms = [f"https://example.com/?utm_source={source}" for source in ("mail", "mail", "news", "news")]
    for form in forms:
        save(session, account, form)
    assert [change.sent_url for change in history(session, link)] == [None, forms[0], forms[2]]
    save(session, account, forms[3], tags=["t"])
    assert history(session, link)[-1].after == {"tags": ["t"]}


def test_a_trashed_link_comes_back_when_it_is_saved(session: Session, account: Account) -> None:
    link = save(session, account, "https://example.com/", notes="n").link
    trash.trash(session, account.id, link.id, origin=PHONE)
    saved = save(session, account, "https://example.com/")
    assert (saved.created, saved.link.trashed_at, saved.link.notes) == (False, None, "n")
    assert history(session, link)[-1].after == {"trashed_at": None}


def test_two_libraries_keep_their_own_link_of_one_url(
    session: Session, make_account: Callable[..., Account]
) -> None:
    ada, bob = make_account(), make_account()
    save(session, ada, "https://example.com/", notes="Ada's")
    theirs = save(session, bob, "https://example.com/")
    assert (theirs.created, theirs.link.notes) == (True, "")


def test_a_new_link_costs_one_round_trip(
    session: Session, account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    statements: list[str] = []
    execute = psycopg.Cursor.execute

    def counted(cursor: Any, query: str, *args: Any, **kwargs: Any) -> Any:
        statements.append(query)
        return execute(cursor, query, *args, **kwargs)

    monkeypatch.setattr(psycopg.Cursor, "execute", counted)
    connection = direct(session)
    statements.clear()  # the savepoint of the fixture
    draft = Drafting().draft("https://example.com/", title="A")
    assert Gathering().add(lambda: nullcontext(connection), account.id, draft, origin=PHONE) is not None
    assert len(statements) == 1


def test_a_link_that_keeps_vanishing_is_a_conflict_and_no_endless_loop(
    session: Session, account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between "it is there" and "lock it" the trash can be emptied; that cannot go on for ever."""
    save(session, account, "https://example.com/")
    monkeypatch.setattr(saving, "_known", lambda *_: None)
    with pytest.raises(Conflict):
        save(session, account, "https://example.com/")
    assert count(session, account) == 1
