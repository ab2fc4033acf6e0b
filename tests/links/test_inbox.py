"""The inbox: what is in it becomes a link or a note, or is deleted, and comes back."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from linkhold import clock
from linkhold.accounts.models import Account
from linkhold.errors import BadInput, Conflict, LimitExceeded, NotALink, NotFound
from linkhold.links import history, inbox, library, reading, trash, undoing
from linkhold.links.changes import Origin
from linkhold.links.drafting import Drafting, Limits
from linkhold.links.models import InboxItem, Link

WEB = Origin("web")
DRAFTING = Drafting()
MakeLink = Callable[..., Link]


@pytest.fixture
def item(session: Session, account: Account) -> InboxItem:
    return keep(session, account, "Tide tables", tags=["sea"], unread=True)


def keep(session: Session, account: Account, words: str, *, title: str = "", **other: object) -> InboxItem:
    return inbox.keep(session, account.id, words, title=title, origin=WEB, **other)  # type: ignore[arg-type]


def ids(session: Session, account: Account, *, trashed: bool = False) -> list[int]:
    return [item.id for item in inbox.newest(session, account.id, limit=9, trashed=trashed)]


def test_the_newest_is_first_and_pages_follow_one_another(session: Session, account: Account) -> None:
    made = [keep(session, account, f"text {number}").id for number in range(5)]
    first = inbox.newest(session, account.id, limit=2)
    rest = inbox.newest(session, account.id, limit=9, before=first[-1].id)
    assert [item.id for item in (*first, *rest)] == made[::-1]


def test_what_is_deleted_is_in_the_trash_and_comes_back(
    session: Session, account: Account, item: InboxItem
) -> None:
    left = inbox.trash(session, account.id, item.id).trashed_at
    assert inbox.trash(session, account.id, item.id).trashed_at == left
    assert (ids(session, account), ids(session, account, trashed=True)) == ([], [item.id])
    for _ in range(2):
        inbox.restore(session, account.id, item.id)
    assert (ids(session, account), ids(session, account, trashed=True)) == ([item.id], [])


def test_a_line_becomes_the_title_of_a_link(session: Session, account: Account, item: InboxItem) -> None:
    saved = inbox.make_link(session, account.id, item.id, "https://a.example/", drafting=DRAFTING, origin=WEB)
    link = saved.link
    assert (saved.created, link.title, link.notes) == (True, "Tide tables", "")
    assert (link.tags, link.unread) == (["sea"], True)
    assert (ids(session, account), ids(session, account, trashed=True)) == ([], [item.id])


@pytest.mark.parametrize(
    ("words", "title", "link_title", "notes"),
    [
        ("Line one\nLine two", "", "", "Line one\nLine two"),
        ("Some words", "A title", "A title", "Some words"),
        ("x" * 300, "", "", "x" * 300),
        ("Some words", "t" * 3000, "", f"{'t' * 3000}\nSome words"),
        ("3.14", "", "", "3.14"),
    ],
)
def test_other_texts_become_notes(
    session: Session, account: Account, words: str, title: str, link_title: str, notes: str
) -> None:
    kept = keep(session, account, words, title=title)
    link = inbox.make_link(
        session, account.id, kept.id, "https://a.example/", drafting=DRAFTING, origin=WEB
    ).link
    assert (link.title, link.notes) == (link_title, notes)


def test_a_link_that_is_known_keeps_its_words_and_gets_these(
    session: Session, account: Account, item: InboxItem, make_link: MakeLink
) -> None:
    make_link(account, "https://a.example/", title="Mine", notes="My notes")
    saved = inbox.make_link(session, account.id, item.id, "https://a.example/", drafting=DRAFTING, origin=WEB)
    assert (saved.created, saved.link.title, saved.link.notes) == (False, "Mine", "My notes\n\nTide tables")


def test_a_text_becomes_a_note_that_can_be_undone(
    session: Session, account: Account, item: InboxItem, make_link: MakeLink
) -> None:
    link = make_link(account, notes="Before")
    inbox.make_note(session, account.id, item.id, link.id, drafting=DRAFTING, origin=WEB)
    assert reading.get(session, account.id, link.id).notes == "Before\n\nTide tables"
    assert ids(session, account) == []
    newest = history.of_link(session, account.id, link.id, limit=1)[0]
    undoing.undo_change(session, account.id, link.id, newest.id, origin=WEB)
    assert reading.locked(session, account.id, link.id).notes == "Before"


def test_what_has_left_the_inbox_is_not_used_again(
    session: Session, account: Account, item: InboxItem, make_link: MakeLink
) -> None:
    inbox.trash(session, account.id, item.id)
    with pytest.raises(Conflict, match="restore it first"):
        inbox.make_link(session, account.id, item.id, "https://a.example/", drafting=DRAFTING, origin=WEB)
    with pytest.raises(Conflict, match="restore it first"):
        inbox.make_note(session, account.id, item.id, make_link(account).id, drafting=DRAFTING, origin=WEB)


def test_a_text_that_cannot_be_used_stays(
    session: Session, account: Account, item: InboxItem, make_link: MakeLink
) -> None:
    trashed = trash.trash(session, account.id, make_link(account).id, origin=WEB)
    long = keep(session, account, "word " * 100)
    short = Drafting(Limits(notes=300))
    with pytest.raises(NotALink):
        inbox.make_link(session, account.id, item.id, "milk", drafting=DRAFTING, origin=WEB)
    with pytest.raises(Conflict, match="trash"):
        inbox.make_note(session, account.id, item.id, trashed.id, drafting=DRAFTING, origin=WEB)
    with pytest.raises(NotFound):
        inbox.make_note(session, account.id, item.id, 999_999, drafting=DRAFTING, origin=WEB)
    with pytest.raises(LimitExceeded):
        inbox.make_link(session, account.id, long.id, "https://a.example/", drafting=short, origin=WEB)
    with pytest.raises(LimitExceeded):
        inbox.make_note(session, account.id, long.id, make_link(account).id, drafting=short, origin=WEB)
    make_link(account, "https://b.example/", title="T", notes="n" * 295)
    with pytest.raises(LimitExceeded):
        inbox.make_link(session, account.id, item.id, "https://b.example/", drafting=short, origin=WEB)
    assert ids(session, account) == [long.id, item.id]


def test_another_account_reaches_nothing_of_it(
    session: Session, item: InboxItem, make_account: Callable[..., Account]
) -> None:
    stranger = make_account()
    assert ids(session, stranger) == []
    for act in (inbox.trash, inbox.restore):
        with pytest.raises(NotFound):
            act(session, stranger.id, item.id)
    assert item.trashed_at is None


def test_the_trash_destroys_what_left_the_inbox_when_its_time_is_up(
    session: Session, account: Account, item: InboxItem
) -> None:
    stays = keep(session, account, "stays")
    inbox.trash(session, account.id, item.id)
    trash.empty(session, account.id, before=clock.now() - timedelta(days=1))
    assert ids(session, account, trashed=True) == [item.id]
    trash.empty(session, account.id)
    assert (ids(session, account), ids(session, account, trashed=True)) == ([stays.id], [])


def test_the_inbox_goes_with_its_library(session: Session, account: Account, item: InboxItem) -> None:
    library.destroy(session, account.id)
    session.expunge(item)
    assert session.get(InboxItem, (account.id, item.id)) is None


def test_what_text_cannot_hold_is_refused(session: Session, account: Account) -> None:
    with pytest.raises(BadInput, match="cannot hold"):
        keep(session, account, "a\0b")
