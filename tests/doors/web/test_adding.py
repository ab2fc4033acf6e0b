"""The form that other programs open to save a link, and the bookmarklet; what is hostile first."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from urllib.parse import unquote

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from conftest import PASSWORD
from linkhold.accounts.models import Account
from linkhold.doors.web import adding
from linkhold.links.models import Link

HOSTILE = '"><script>alert(1)</script></textarea>'
URL = "https://a.example/"
FIELDS = ("url", "title", "description", "notes", "tags")


def links(session: Session) -> list[Link]:
    session.expire_all()
    return list(session.scalars(select(Link).order_by(Link.id)))


def test_what_an_address_brings_is_shown_as_text_and_saves_nothing(
    browser: FlaskClient, session: Session
) -> None:
    given = dict.fromkeys(FIELDS, HOSTILE)
    for asked in (given, {**given, "url": f"{URL}?{HOSTILE}"}, {**given, "url": f"javascript:{HOSTILE}"}):
        page = browser.get("/bookmarks/new", query_string=asked)
        assert page.status_code == 200
        assert "<script>" not in page.text
        assert page.text.count("&lt;script&gt;") >= len(FIELDS)
    assert session.scalar(select(func.count()).select_from(Link)) == 0


@pytest.mark.parametrize("url", ["javascript:alert(1)", "not a link", "https://", "\0", "x" * 9000])
def test_what_cannot_be_a_link_is_said_before_and_after_one_saves_it(
    browser: FlaskClient, session: Session, url: str
) -> None:
    before = browser.get("/bookmarks/new", query_string={"url": url, "title": "Kept title"})
    after = browser.post("/bookmarks/new", data={"url": url, "title": "Kept title", "auto_close": "1"})
    assert (before.status_code, after.status_code) == (200, 400)
    for page in (before.text, after.text):
        assert 'id="url-fault"' in page
        assert 'value="Kept title"' in page
    assert 'name="auto_close"' in after.text
    assert links(session) == []


def test_the_address_without_anything_is_an_empty_form(browser: FlaskClient) -> None:
    page = browser.get("/bookmarks/new")
    assert page.status_code == 200
    assert 'id="url-fault"' not in page.text
    assert "auto_close" not in page.text


def test_log_in_leads_back_with_all_that_was_brought(client: FlaskClient, account: Account) -> None:
    asked = {"url": "https://a.example/?x=1&y=2#z", "title": "A & B", "auto_close": ""}
    first = client.get("/bookmarks/new", query_string=asked)
    answer = client.post(first.headers["Location"], data={"name": account.name, "password": PASSWORD})
    page = client.get(answer.headers["Location"]).text
    assert 'value="https://a.example/?x=1&amp;y=2#z"' in page
    assert 'value="A &amp; B"' in page
    assert 'name="auto_close"' in page


def test_saving_keeps_every_field_and_leads_to_the_library(browser: FlaskClient, session: Session) -> None:
    form = {"url": URL, "title": "T", "description": "D", "notes": "a\r\nb", "tags": "x, y", "unread": "1"}
    answer = browser.post("/bookmarks/new", data=form)
    assert (answer.status_code, answer.headers["Location"].partition("?")[0]) == (303, "/")
    assert "Saved" in browser.get(answer.headers["Location"]).text
    [link] = links(session)
    assert (link.title, link.description, link.notes, link.tags) == ("T", "D", "a\nb", ["x", "y"])
    assert (link.unread, link.shared) == (True, False)


def test_a_known_link_is_shown_and_loses_nothing_by_being_saved_again(
    browser: FlaskClient, account: Account, make_link: Callable[..., Link], session: Session
) -> None:
    """A page's own title would otherwise replace the one that its reader gave it."""
    link = make_link(account, URL, title="My title", tags=["mine"], notes="my notes")
    asked = {"url": "https://a.example", "title": "Theirs", "description": "New", "tags": "more"}
    page = browser.get("/bookmarks/new", query_string=asked).text
    assert f'href="/link/{link.id}"' in page
    assert "already in your library" in page
    form = {name: re.search(rf'name="{name}" value="([^"]*)"', page) for name in ("url", "title", "tags")}
    filled = {name: found[1] for name, found in form.items() if found}
    assert filled == {"url": "https://a.example", "title": "My title", "tags": "more"}
    assert re.search(r'name="notes"[^>]*>\s*my notes</textarea>', page)
    browser.post("/bookmarks/new", data={**filled, "description": "New", "notes": "my notes"})
    [after] = links(session)
    assert (after.title, after.description, after.notes) == ("My title", "New", "my notes")
    assert after.tags == ["mine", "more"]


def test_a_link_in_the_trash_is_said_to_be_there(
    browser: FlaskClient, account: Account, make_link: Callable[..., Link], session: Session
) -> None:
    link = make_link(account, URL)
    browser.post(f"/link/{link.id}/trash")
    assert "in the trash" in browser.get("/bookmarks/new", query_string={"url": URL}).text
    browser.post("/bookmarks/new", data={"url": URL})
    assert links(session)[0].trashed_at is None


def test_the_link_of_another_account_is_not_known_here(
    browser: FlaskClient, make_account: Callable[..., Account], make_link: Callable[..., Link]
) -> None:
    make_link(make_account(), URL, title="Secret", tags=["secret"])
    page = browser.get("/bookmarks/new", query_string={"url": URL}).text
    assert "ecret" not in page
    assert "already" not in page


def test_a_window_that_closes_says_what_was_saved(browser: FlaskClient) -> None:
    answer = browser.post("/bookmarks/new", data={"url": URL, "title": HOSTILE, "auto_close": "1"})
    assert answer.headers["Location"].startswith("/bookmarks/close?done=change.")
    page = browser.get(answer.headers["Location"]).text
    assert "close.js" in page
    assert "Saved" in page
    assert "<script>alert" not in page


@pytest.mark.parametrize("done", ["", "change.1.1", HOSTILE])
def test_a_window_that_saved_nothing_does_not_say_so(browser: FlaskClient, done: str) -> None:
    page = browser.get("/bookmarks/close", query_string={"done": done}).text
    assert "close.js" not in page
    assert "<script>alert" not in page


@pytest.mark.parametrize(
    "address", [URL, "https://a.example/'\"%22);alert(1)//", "https://ü.example/\u2028</script>"]
)
def test_the_bookmarklet_holds_its_address_whatever_it_is(address: str) -> None:
    written = adding.bookmarklet(address)
    assert written.startswith("javascript:(function(){")
    assert written.isascii()
    assert not re.search(r"[\s<>]", written)
    [held] = re.findall(r'window\.open\(("(?:[^"\\]|\\.)*")', unquote(written))
    assert json.loads(held) == address


def test_the_ways_to_save_name_this_server(browser: FlaskClient) -> None:
    page = browser.get("/tools").text
    assert 'href="javascript:(function(){' in page
    assert "http://localhost/bookmarks/new?url=" in page
    assert 'href="/tools"' in browser.get("/").text
