"""The application on a home screen: manifest, worker, shared text, and saves that are sent again."""

from __future__ import annotations

import html
import json
import re
import struct
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from conftest import PASSWORD
from linkhold.accounts import accounts
from linkhold.accounts.models import Account
from linkhold.doors import identify
from linkhold.links import inbox
from linkhold.links.models import Link

QUIET = {"Accept": "application/json"}


def test_the_manifest_names_icons_that_are_there(client: FlaskClient) -> None:
    answer = client.get("/manifest.webmanifest")
    assert answer.mimetype == "application/manifest+json"
    manifest = json.loads(answer.data)
    assert (manifest["display"], manifest["scope"]) == ("standalone", "/")
    assert [icon.get("purpose") for icon in manifest["icons"]] == [None, None, "maskable"]
    for icon in manifest["icons"]:
        drawn = client.get(icon["src"]).data
        assert drawn.startswith(b"\x89PNG")
        assert "{}x{}".format(*struct.unpack(">II", drawn[16:24])) == icon["sizes"]


def test_the_home_screen_starts_with_a_page_of_its_own(
    browser: FlaskClient, account: Account, make_link: Callable[..., Link]
) -> None:
    [start] = {json.loads(browser.get("/manifest.webmanifest").data)["start_url"]}
    assert start == "/start"
    assert browser.get(start).headers["Location"] == "/", "an empty library says how to fill it"
    for number in range(20):
        make_link(account, f"https://a.example/{number}", title=f"Link {number}.", unread=number < 2)
    make_link(account, "https://a.example/old", title="Out of the way.", unread=True, archived=True)
    page = browser.get(start).text
    found = re.findall(r"<bdi>(Link \d+\.|Out of the way\.)</bdi>", page)
    assert found == [f"Link {number}." for number in (1, 0, *range(19, 9, -1))]
    assert 'id="url"' in page


@pytest.mark.parametrize(
    ("appearance", "colours"), [("", ["#fbfaf8", "#131618"]), ("light", ["#fbfaf8"]), ("dark", ["#131618"])]
)
def test_the_bar_of_the_device_has_the_colour_of_the_page(
    browser: FlaskClient, session: Session, account: Account, appearance: str, colours: list[str]
) -> None:
    accounts.by_id(session, account.id).appearance = appearance
    session.flush()
    page = browser.get("/").text
    assert re.findall(r'<meta name="theme-color"[^>]*content="(#\w+)"', page) == colours
    assert 'name="apple-mobile-web-app-status-bar-style"' in page


def test_the_worker_keeps_files_that_are_there(client: FlaskClient) -> None:
    answer = client.get("/service-worker.js")
    assert (answer.mimetype, answer.headers["Cache-Control"]) == ("text/javascript", "no-cache")
    [files] = re.findall(r"^const FILES = (\[.*\]);$", answer.text, re.MULTILINE)
    for address in json.loads(files):
        assert client.get(address).status_code == 200, address


def test_what_an_app_shares_is_saved(browser: FlaskClient) -> None:
    data = {"title": "A page", "text": "Look: https://a.example/page", "url": ""}
    # A share target has no page that it comes from, and says so.
    page = browser.post("/share", data=data, headers={"Sec-Fetch-Site": "none"}, follow_redirects=True).text
    assert "A page" in page
    assert ">Undo<" in page
    assert browser.post("/share", data=data, headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403
    assert browser.post("/share").headers["Location"] == "/"


def test_shared_text_without_a_link_is_in_the_inbox(
    browser: FlaskClient, session: Session, account: Account
) -> None:
    page = browser.post("/share", data={"text": "only words"}, follow_redirects=True).text
    assert "only words" in page
    assert [item.text for item in inbox.newest(session, account.id, limit=5)] == ["only words"]


LOGGED_OUT = [
    ("/", {"url": "Words https://a.example/", "title": "T", "tags": "a"}),
    ("/share", {"text": "Look: https://a.example/", "title": "", "url": ""}),
    ("/bookmarks/new", {"url": "https://a.example/", "notes": "<b>\"'", "unread": "1", "tags": "a"}),
    ("/bookmarks/new", {"url": "https://a.example/", "auto_close": "1"}),
]


def log_in(client: FlaskClient, page: str, name: str, password: str) -> TestResponse:
    """Fill in the log-in form that a page is, with all that it carries."""
    [carried] = re.findall(r'name="pending" value="([^"]*)"', page)
    form = {"name": name, "password": password, "pending": html.unescape(carried)}
    return client.post("/login", data=form)


@pytest.mark.parametrize(("path", "form"), LOGGED_OUT)
def test_what_was_sent_by_who_is_logged_out_is_saved_after_the_log_in(
    client: FlaskClient, session: Session, account: Account, path: str, form: dict[str, str]
) -> None:
    asked = client.post(path, data=form)
    assert asked.status_code == 401
    wrong = log_in(client, asked.text, account.name, "wrong wrong")
    assert wrong.status_code == 401
    answer = log_in(client, wrong.text, account.name, PASSWORD)
    assert answer.status_code == 303
    assert "Saved" in client.get(answer.headers["Location"]).text
    [link] = session.scalars(select(Link).where(Link.owner_id == account.id)).all()
    assert link.url == "https://a.example/"
    assert (link.unread, link.tags) == ("unread" in form, ["a"] if "tags" in form else [])
    assert answer.headers["Location"].startswith("/bookmarks/close") == ("auto_close" in form)


def test_what_cannot_be_a_link_is_in_the_inbox_after_the_log_in(
    client: FlaskClient, session: Session, account: Account
) -> None:
    for number, path in enumerate(("/", "/bookmarks/new", "/share")):
        form = {"text" if path == "/share" else "url": f"milk {number}"}
        answer = log_in(client, client.post(path, data=form).text, account.name, PASSWORD)
        page = client.get(answer.headers["Location"]).text
        assert "The text is in your inbox." in page
        client.delete_cookie(identify.COOKIE)
    kept = [item.text for item in inbox.newest(session, account.id, limit=5)]
    assert kept == ["milk 2", "milk 1", "milk 0"]


@pytest.mark.parametrize(
    "pending",
    [
        "x",
        "[]",
        '{"to": "web.logout"}',
        '{"to": "web.save", "url": 1}',
        '{"url": "\\u0000", "to": "web.save"}',
    ],
)
def test_a_log_in_form_carries_nothing_else(client: FlaskClient, account: Account, pending: str) -> None:
    form = {"name": account.name, "password": PASSWORD, "pending": pending}
    assert client.post("/login?next=/trash", data=form).headers["Location"] == "/trash"


def test_another_site_makes_no_log_in_carry_anything(client: FlaskClient) -> None:
    data = {"text": "https://evil.example/"}
    for headers in ({"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://evil.example"}):
        assert client.post("/share", data=data, headers=headers).status_code == 403


def test_a_share_whose_answer_was_lost_is_not_in_the_inbox_twice(
    browser: FlaskClient, session: Session, account: Account
) -> None:
    """It came first without a key, as a browser sends a share; even if it was thrown away meanwhile."""
    sent = {"title": "A title", "text": "only words", "url": ""}
    browser.post("/share", data=sent)
    [first] = inbox.newest(session, account.id, limit=5)
    again: dict[str, Any] = {"data": {**sent, "tried": "7"}, "headers": {**QUIET, "Idempotency-Key": "k1"}}
    assert browser.post("/share", **again).get_json() == {"inbox": first.id}
    first.received_at -= timedelta(minutes=5)
    session.flush()
    again["headers"]["Idempotency-Key"] = "k2"
    assert browser.post("/share", **again).get_json() != {"inbox": first.id}, "that was another time"
    assert len(inbox.newest(session, account.id, limit=5)) == 2


@pytest.mark.parametrize(("path", "name"), [("/", "url"), ("/share", "text"), ("/bookmarks/new", "url")])
def test_what_waited_for_another_account_is_not_taken(
    browser: FlaskClient, session: Session, account: Account, path: str, name: str
) -> None:
    sent = {name: "https://a.example/", "account": str(account.id + 1)}
    assert browser.post(path, data=sent, headers=QUIET).status_code == 409
    assert session.scalar(select(func.count()).select_from(Link).where(Link.owner_id == account.id)) == 0
    assert browser.post(path, data={**sent, "account": str(account.id)}, headers=QUIET).status_code == 200


def test_a_save_that_is_sent_again_is_done_once(
    browser: FlaskClient, session: Session, account: Account
) -> None:
    sent = {"url": "https://a.example/", "tags": "x", "title": ""}
    first = browser.post("/", data={**sent, "back": "/"}, headers={"Idempotency-Key": "k1"})
    assert first.status_code == 303
    [link] = session.scalars(select(Link.id).where(Link.owner_id == account.id)).all()
    browser.post(f"/link/{link}/trash")
    again = browser.post("/", data=sent, headers={**QUIET, "Idempotency-Key": "k1"})
    assert (again.status_code, again.get_json()) == (200, {"id": link})
    session.expire_all()
    assert session.get_one(Link, (account.id, link)).trashed_at, "it was not saved a second time"
    assert session.scalar(select(func.count()).select_from(Link).where(Link.owner_id == account.id)) == 1


@pytest.mark.parametrize(
    ("url", "key", "said"),
    [
        ("no link", "k", "a full address begins with"),
        ("https://b.example/", "x" * 300, "An Idempotency-Key has 1 to"),
    ],
)
def test_a_refusal_says_why_in_words(browser: FlaskClient, url: str, key: str, said: str) -> None:
    answer = browser.post("/", data={"url": url}, headers={**QUIET, "Idempotency-Key": key})
    assert (answer.status_code, said in answer.text) == (400, True)


def test_a_refused_save_tells_a_script_the_fault(browser: FlaskClient) -> None:
    answer = browser.post("/", data={"url": "no link"}, headers={**QUIET, "Idempotency-Key": "k"})
    assert "full address begins with" in answer.get_json()["fault"]


def test_a_key_that_came_with_another_save_is_refused(browser: FlaskClient) -> None:
    headers = {**QUIET, "Idempotency-Key": "k"}
    assert browser.post("/", data={"url": "https://a.example/"}, headers=headers).status_code == 200
    assert browser.post("/", data={"url": "https://b.example/"}, headers=headers).status_code == 422
