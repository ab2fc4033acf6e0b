"""Sharing: all of a share is kept, as one batch; text without a link in the inbox."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from conftest import add_account
from linkhold.accounts.models import Account
from linkhold.errors import BadInput, LimitExceeded
from linkhold.links import bulk, saving, sharing, trash, undoing
from linkhold.links.changes import Origin
from linkhold.links.drafting import Drafting, Limits
from linkhold.links.models import Batch, InboxItem, Link
from linkhold.links.shares import Share
from linkhold.links.sharing import Shared
from linkhold.runtime import Runtime

PHONE = Origin("share", "iPhone")
DRAFTING = Drafting()
A = "https://a.example/1"


def share(
    session: Session, account: Account, text: str = "", drafting: Drafting = DRAFTING, **sent: Any
) -> Shared:
    return sharing.share(session, account.id, Share(text, **sent), drafting=drafting, origin=PHONE)


def links(session: Session, account: Account) -> list[Link]:
    query = select(Link).where(Link.owner_id == account.id).order_by(Link.id)
    return list(session.scalars(query, execution_options={"populate_existing": True}))


def test_many_links_are_one_batch_that_can_be_undone(session: Session, account: Account) -> None:
    shared = share(session, account, "Tides https://a.example/1\nFerries https://b.example/2", tags=["sea"])
    assert [(link.title, link.tags) for link in links(session, account)] == [
        ("Tides", ["sea"]),
        ("Ferries", ["sea"]),
    ]
    assert shared.batch
    assert (shared.batch.links, shared.batch.summary) == (2, "shared 2 links")
    undoing.undo_batch(session, account.id, shared.batch.batch_id, origin=PHONE)
    assert all(link.trashed_at for link in links(session, account))


def test_the_same_links_shared_at_once_in_another_order_do_not_wait_for_one_another(
    own_runtime: Runtime,
) -> None:
    account = add_account(own_runtime)
    urls = [f"https://a.example/{number}" for number in range(60)]

    def send(order: int) -> int:
        with own_runtime.transaction() as session:
            return len(share(session, account, " ".join(urls[::order])).links)

    with ThreadPoolExecutor(6) as pool:
        assert list(pool.map(send, [1, -1] * 6)) == [60] * 12
    with own_runtime.transaction() as session:
        assert sorted(link.url for link in links(session, account)) == sorted(urls)


def test_a_text_without_a_link_goes_to_the_inbox(session: Session, account: Account) -> None:
    shared = share(session, account, "Milk, eggs", title="Shopping", tags=["home"], unread=True)
    assert (shared.links, shared.batch) == ((), None)
    assert shared.item
    kept = session.get_one(InboxItem, (account.id, shared.item.id))
    assert (kept.text, kept.title, kept.tags, kept.unread) == ("Milk, eggs", "Shopping", ["home"], True)
    assert (kept.door, kept.token, kept.trashed_at) == ("share", "iPhone", None)
    assert session.scalar(select(func.count()).where(Batch.owner_id == account.id)) == 0


def test_a_known_link_keeps_its_words_and_gets_the_others_as_notes(
    session: Session, account: Account
) -> None:
    draft = DRAFTING.draft("https://a.example/1", title="Mine", notes="My notes", tags=["a"])
    saving.save(session, account.id, draft, origin=PHONE)
    (one,) = share(session, account, "Theirs https://a.example/1 via @app", tags=["b"]).links
    (link,) = links(session, account)
    assert (link.title, link.notes, link.tags) == ("Mine", "My notes\n\nTheirs\n\nvia @app", ["a", "b"])
    assert (one.saved.created, one.tags_united, one.words_added, one.came_back) == (False, True, True, False)


def test_the_same_share_again_changes_nothing(session: Session, account: Account) -> None:
    text = "Tides https://a.example/1 via @app\n\nSee https://b.example/2 for more"
    share(session, account, text, tags=["x"])
    versions = [link.version for link in links(session, account)]
    again = share(session, account, text, tags=["x"])
    assert [link.version for link in links(session, account)] == versions
    assert (again.batch and again.batch.links, again.is_new) == (0, False)


def test_a_link_that_was_saved_without_words_gets_a_title(session: Session, account: Account) -> None:
    saving.save(session, account.id, DRAFTING.draft("https://a.example/1"), origin=PHONE)
    share(session, account, "Tides https://a.example/1")
    (link,) = links(session, account)
    assert (link.title, link.notes) == ("Tides", "")


def test_a_link_comes_back_from_the_trash(session: Session, account: Account) -> None:
    first = share(session, account, "https://a.example/1").links[0].saved.link.id
    trash.trash(session, account.id, first, origin=PHONE)
    (one,) = share(session, account, "https://a.example/1").links
    assert (one.came_back, one.saved.link.trashed_at) == (True, None)


def test_more_links_than_are_saved_at_one_go_are_kept_as_text(session: Session, account: Account) -> None:
    text = "\n".join(f"https://a.example/{number}" for number in range(10_000))
    shared = share(session, account, text)
    assert (shared.too_many, shared.links, links(session, account)) == (10_000, (), [])
    assert shared.item
    assert shared.item.text == text


def test_as_many_as_are_saved_at_one_go(session: Session, account: Account) -> None:
    text = " ".join(f"https://a.example/{number}" for number in range(sharing.MOST_LINKS))
    assert len(share(session, account, text).links) == len(links(session, account)) == sharing.MOST_LINKS


def test_words_that_are_too_many_for_notes_are_in_the_inbox(session: Session, account: Account) -> None:
    small = Drafting(Limits(notes=300))
    text = f"https://a.example/1\n{'word ' * 100}"
    shared = share(session, account, text, small)
    assert (links(session, account)[0].notes, shared.item and shared.item.text) == ("", text)


def test_words_for_which_a_known_link_has_no_room_are_in_the_inbox(
    session: Session, account: Account
) -> None:
    small = Drafting(Limits(notes=300))
    share(session, account, f"https://a.example/1\n{'word ' * 50}", small)
    shared = share(session, account, f"https://a.example/1\n{'other ' * 40}", small)
    (link,) = links(session, account)
    assert link.notes.startswith("word word")
    assert "other" not in link.notes
    assert shared.item
    assert "other other" in shared.item.text


def test_a_title_that_is_too_long_is_notes(session: Session, account: Account) -> None:
    share(session, account, title="x" * 3000, url="https://a.example/1")
    (link,) = links(session, account)
    assert (link.title, link.notes) == ("", "x" * 3000)


@pytest.mark.parametrize(
    ("sent", "url", "title", "notes"),
    [
        ({"url": A}, A, "", ""),
        ({"url": "a-site.com/x", "text": "Some words"}, "https://a-site.com/x", "Some words", ""),
        ({"url": "https://a.example/看b"}, "https://a.example/看b", "", ""),
        ({"url": "Tides https://a.example/1"}, A, "Tides", ""),
        ({"text": A, "title": "Tides"}, A, "Tides", ""),
        ({"text": A, "title": A}, A, "", ""),
        ({"text": "Tides https://a.example/1", "title": "Tides – Bay"}, A, "Tides – Bay", ""),
        ({"text": "Look! https://a.example/1", "title": "Tides"}, A, "Tides", "Look!"),
        ({"text": "Some words", "title": "Tides https://a.example/1"}, A, "Tides", "Some words"),
        ({"title": A}, A, "", ""),
        ({"notes": "Tides https://a.example/1"}, A, "Tides", ""),
        ({"url": A, "notes": "Mine", "text": "T"}, A, "T", "Mine"),
        ({"url": A, "text": f"See {A} too"}, A, "", f"See {A} too"),
    ],
)
def test_apps_put_anything_anywhere(
    session: Session, account: Account, sent: dict[str, Any], url: str, title: str, notes: str
) -> None:
    share(session, account, **sent)
    assert [(link.url, link.title, link.notes) for link in links(session, account)] == [(url, title, notes)]


def test_a_url_beside_a_text_with_others_is_first(session: Session, account: Account) -> None:
    share(session, account, url="https://a.example/1", text="Tides https://b.example/2", title="A")
    found = [(link.url, link.title) for link in links(session, account)]
    assert found == [("https://a.example/1", "A"), ("https://b.example/2", "Tides")]


@pytest.mark.parametrize("sent", [{}, {"text": " \n"}, {"tags": ["x"]}, {"title": "", "url": " "}])
def test_a_share_with_nothing_in_it_is_refused(
    session: Session, account: Account, sent: dict[str, Any]
) -> None:
    with pytest.raises(BadInput, match="nothing to save"):
        share(session, account, **sent)


@pytest.mark.parametrize("text", ["a\0b", "https://a.example/ \0", "\ud800"])
def test_what_text_cannot_hold_is_refused(session: Session, account: Account, text: str) -> None:
    with pytest.raises(BadInput, match="cannot hold"):
        share(session, account, text)


def test_a_tag_that_is_too_long_is_refused_whatever_the_text(session: Session, account: Account) -> None:
    for text in ("https://a.example/", "milk"):
        with pytest.raises(LimitExceeded):
            share(session, account, text, tags=["x" * 300])


def test_what_was_shared_can_be_changed_by_all_other_acts(session: Session, account: Account) -> None:
    shared = share(session, account, "https://a.example/1 https://b.example/2")
    ids = [each.saved.link.id for each in shared.links]
    assert bulk.trash(session, account.id, ids, origin=PHONE).links == 2


WORDS = (
    "wort",
    "слово",
    "言葉",
    "1984",
    "https://a.example/x",
    "example.com",
    "http://b.example",
    " ",
    " ",
    "\n",
    ". ",
    "–",
)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    text=st.lists(st.sampled_from(WORDS), max_size=12).map("".join),
    title=st.lists(st.sampled_from(WORDS), max_size=4).map("".join),
    url=st.sampled_from(["", "https://a.example/x", "wort", "example.com/y"]),
)
def test_no_word_of_a_share_is_lost(
    session: Session, account: Account, text: str, title: str, url: str
) -> None:
    """Each is in a link's URL, title or notes, or in the inbox; also when the links are known already."""
    sent = Share(text, url=url, title=title)
    if sent.is_empty:
        return
    shared = sharing.share(session, account.id, sent, drafting=DRAFTING, origin=PHONE)
    saved = [each.saved.link for each in shared.links]
    kept = "\n".join(f"{link.url}\n{link.title}\n{link.notes}" for link in saved)
    kept += f"\n{shared.item.title}\n{shared.item.text}" if shared.item else ""
    for word in ("wort", "слово", "言葉", "1984"):
        assert word not in text + title + url or word in kept
