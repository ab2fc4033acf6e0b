"""The inbox as a page: a text becomes a link or a note, or goes, and can come back."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from conftest import PASSWORD
from linkhold.accounts import accounts
from linkhold.accounts.models import Account
from linkhold.links import inbox
from linkhold.links.changes import Origin
from linkhold.links.models import InboxItem, Link

Make = Callable[..., Link]


@pytest.fixture
def item(session: Session, account: Account) -> InboxItem:
    return inbox.keep(session, account.id, "Remember <b>the milk</b>", origin=Origin("share"))


def left(session: Session, account: Account) -> list[int]:
    session.expire_all()
    return [each.id for each in inbox.newest(session, account.id, limit=10)]


def undo(browser: FlaskClient, page: str) -> str:
    """Press the button of the message, and return the page that it leads to."""
    [message] = re.findall(r'<div id="message".*?</div>', page, re.DOTALL)
    [action] = re.findall(r'action="([^"]+)"', message)
    answer = browser.post(action, data={"back": "/inbox"})
    assert answer.status_code == 303
    return browser.get(answer.headers["Location"]).text


def test_a_text_is_shown_as_text(browser: FlaskClient, item: InboxItem) -> None:
    page = browser.get("/inbox").text
    assert "Remember &lt;b&gt;the milk&lt;/b&gt;" in page
    assert f"/inbox/{item.id}/link" in page


def test_a_text_becomes_a_link(
    browser: FlaskClient, session: Session, account: Account, item: InboxItem
) -> None:
    page = browser.post(
        f"/inbox/{item.id}/link", data={"url": "https://milk.example/"}, follow_redirects=True
    ).text
    assert "Saved" in page
    assert left(session, account) == []
    assert "Remember &lt;b&gt;the milk" in browser.get("/").text
    undo(browser, page)
    assert left(session, account) == [item.id], "the text is back"
    assert "milk.example" not in browser.get("/").text


@pytest.mark.parametrize("url", ["", "javascript:alert(1)", "no link", "https://"])
def test_what_is_no_link_leaves_the_text_where_it_is(
    browser: FlaskClient, session: Session, account: Account, item: InboxItem, url: str
) -> None:
    for act in ("link", "note"):
        answer = browser.post(f"/inbox/{item.id}/{act}", data={"url": url})
        assert answer.status_code == 400
        assert f'id="fault-{item.id}"' in answer.text
    assert left(session, account) == [item.id]


def test_a_text_becomes_a_note_of_a_link_that_the_library_has(
    browser: FlaskClient, session: Session, account: Account, item: InboxItem, make_link: Make
) -> None:
    unknown = browser.post(f"/inbox/{item.id}/note", data={"url": "https://unknown.example/"})
    assert unknown.status_code == 400
    assert "No link of your library has this address" in unknown.text
    link = make_link(account, url="https://known.example/", notes="First.")
    form = {"url": "https://known.example/"}
    page = browser.post(f"/inbox/{item.id}/note", data=form, follow_redirects=True).text
    assert left(session, account) == []
    assert session.get_one(Link, (account.id, link.id)).notes == "First.\n\nRemember <b>the milk</b>"
    undo(browser, page)
    assert left(session, account) == [item.id]
    assert session.get_one(Link, (account.id, link.id)).notes == "First."


def test_a_text_that_changes_nothing_comes_back_alone(
    browser: FlaskClient, session: Session, account: Account, item: InboxItem, make_link: Make
) -> None:
    link = make_link(account, url="https://milk.example/", notes=item.text, title="T")
    form = {"url": "https://milk.example/"}
    page = browser.post(f"/inbox/{item.id}/link", data=form, follow_redirects=True).text
    undo(browser, page)
    assert left(session, account) == [item.id]
    assert session.get_one(Link, (account.id, link.id)).trashed_at is None, "an older change is not undone"


def test_a_text_is_thrown_away_and_comes_back(
    browser: FlaskClient, session: Session, account: Account, item: InboxItem
) -> None:
    page = browser.post(f"/inbox/{item.id}/trash", follow_redirects=True).text
    assert left(session, account) == []
    assert 'data-key="u"' in page, "a key undoes it"
    undo(browser, page)
    assert left(session, account) == [item.id]
    browser.post(f"/inbox/{item.id}/trash")
    assert "Remember" in browser.get("/inbox?trashed=1").text
    again = browser.post(f"/inbox/{item.id}/link", data={"url": "https://milk.example/"})
    assert again.status_code == 400
    assert browser.post(f"/inbox/{item.id}/restore").status_code == 303
    assert left(session, account) == [item.id]


def test_anothers_text_is_not_there(
    browser: FlaskClient, session: Session, account: Account, make_link: Make
) -> None:
    stranger = accounts.create(session, f"stranger-of-{account.name}", PASSWORD)
    theirs = inbox.keep(session, stranger.id, "secret words", origin=Origin("share"))
    make_link(account, url="https://known.example/")
    assert "secret words" not in browser.get("/inbox").text
    assert "The text left" not in browser.get(f"/inbox?done=text.{theirs.id}").text
    for act in ("link", "note", "trash", "restore", "undo/1/1", "redo/1"):
        answer = browser.post(f"/inbox/{theirs.id}/{act}", data={"url": "https://known.example/"})
        assert answer.status_code == 404
    assert left(session, stranger) == [theirs.id]
    assert browser.get("/inbox?before=0").status_code == 400
