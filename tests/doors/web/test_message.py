"""Every act says what it did, with its undo where there is one; an address makes a page say nothing else."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from linkhold.accounts import feeds
from linkhold.accounts.models import Account
from linkhold.links import inbox, saved_searches
from linkhold.links.changes import Origin
from linkhold.links.models import Link

SAID = re.compile(r'<div id="message".*?</div>', re.DOTALL)


def message(page: str) -> str:
    """Return what the message of a page is made of."""
    [found] = SAID.findall(page)
    return str(found)


def done(browser: FlaskClient, path: str, **form: str) -> str:
    """Do something, and return the message of it."""
    return message(browser.post(path, data=form, follow_redirects=True).text)


def undo(browser: FlaskClient, said: str) -> str:
    """Press the button of a message, and return the message of that."""
    [action] = re.findall(r'action="([^"]+)"', said)
    return done(browser, action, back="/")


def test_a_search_that_was_kept_can_be_forgotten_at_once(
    browser: FlaskClient, session: Session, account: Account
) -> None:
    said = done(browser, "/searches", name="Later", query="is:unread")
    assert "This search is kept" in said
    assert "<bdi>Later</bdi>" in said
    assert "The search is forgotten." in undo(browser, said)
    assert list(saved_searches.every(session, account.id)) == []


def test_what_becomes_of_a_kept_search_is_said(
    browser: FlaskClient, session: Session, account: Account
) -> None:
    kept = saved_searches.add(session, account.id, name="Later", query="is:unread")
    assert "The search is changed." in done(browser, f"/searches/{kept.id}", name="Soon")
    assert "The search has another place." in done(browser, f"/searches/{kept.id}", position="0")
    assert "The search is forgotten." in done(browser, f"/searches/{kept.id}/forget")


def test_what_others_may_see_is_said(browser: FlaskClient, session: Session, account: Account) -> None:
    feed, _ = feeds.issue(session, account.id, name="Mine", query="", longest=9)
    assert "Your public page is open." in done(browser, "/feeds/public", public="1")
    assert "Your public page is closed." in done(browser, "/feeds/public")
    assert "no longer works" in done(browser, f"/feeds/{feed.id}/revoke")


def test_that_the_trash_is_empty_is_said_without_an_undo(
    browser: FlaskClient, account: Account, make_link: Callable[..., Link]
) -> None:
    browser.post(f"/link/{make_link(account).id}/trash")
    said = done(browser, "/trash/empty", sure="1")
    assert "What was in the trash is destroyed." in said
    assert "<form" not in said


def test_a_text_that_came_into_the_inbox_can_go_at_once(
    browser: FlaskClient, session: Session, account: Account
) -> None:
    said = done(browser, "/share", text="only words")
    assert "The text is in your inbox." in said
    assert "The text left the inbox." in undo(browser, said)
    [item] = inbox.newest(session, account.id, limit=5, trashed=True)
    assert "The text is in your inbox." in done(browser, f"/inbox/{item.id}/restore")


def test_a_message_says_nothing_that_is_not_so(
    browser: FlaskClient, session: Session, account: Account, make_account: Callable[..., Account]
) -> None:
    stranger = make_account()
    theirs = saved_searches.add(session, stranger.id, name="Secret", query="x")
    kept = inbox.keep(session, stranger.id, "secret words", origin=Origin("share"))
    mine = inbox.keep(session, account.id, "gone", origin=Origin("share"))
    inbox.trash(session, account.id, mine.id)
    for asked in (
        *(f"search.{theirs.id}", f"inbox.{kept.id}", f"again.{kept.id}.1"),
        *(f"inbox.{mine.id}", f"again.{mine.id}.1", "inbox.None", "nonsense"),
    ):
        said = message(browser.get(f"/?done={asked}").text)
        assert "<p>" not in said, asked


@pytest.mark.parametrize("act", ["link", "note"])
def test_what_a_text_became_is_undone_and_done_again_with_the_text(
    browser: FlaskClient, session: Session, account: Account, make_link: Callable[..., Link], act: str
) -> None:
    item = inbox.keep(session, account.id, "Remember the milk", origin=Origin("share"))
    make_link(account, "https://milk.example/", notes="First.")
    said = done(browser, f"/inbox/{item.id}/{act}", url="https://milk.example/")
    for _ in range(2):
        said = undo(browser, said)
        session.expire_all()
        assert ">Redo<" in said
        assert inbox.is_there(session, account.id, item.id)
        said = undo(browser, said)
        session.expire_all()
        assert ">Undo<" in said
        assert inbox.has_left(session, account.id, item.id)
