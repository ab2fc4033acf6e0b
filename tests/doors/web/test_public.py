"""What an account gives out: nothing unless it chose to, and then no more than that."""

from __future__ import annotations

import html
import logging
import re
from collections.abc import Callable
from datetime import datetime
from xml.etree import ElementTree as ET

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from conftest import add_account
from linkhold import logs
from linkhold.accounts import accounts, feeds
from linkhold.accounts.models import Account
from linkhold.app import create_app
from linkhold.doors.web import briefly
from linkhold.links.models import Link
from linkhold.runtime import Runtime

ATOM = "{http://www.w3.org/2005/Atom}"
HOSTILE = '"><script>alert(1)</script>]]>&amp;<!--'
CONTROL = "a\x01b\x0b\x1f\ufffe\uffffc"
BIDI = "\u202egnp.exe"
MakeLink = Callable[..., Link]


@pytest.fixture
def public(runtime: Runtime, account: Account) -> Account:
    """Return `account` with its public page open."""
    with runtime.transaction() as session:
        accounts.set_public(session, account.id, public=True)
    return account


@pytest.fixture
def make_feed(runtime: Runtime, account: Account) -> Callable[..., str]:
    """Return a function that makes a private feed of `account` and returns its path."""

    def make(query: str = "", name: str = "Mine") -> str:
        with runtime.transaction() as session:
            _, secret = feeds.issue(session, account.id, name=name, query=query, longest=2000)
        return f"/feed/{secret}/atom.xml"

    return make


def paths(account: Account) -> tuple[str, str]:
    return f"/public/{account.name}", f"/public/{account.name}/atom.xml"


def held(written: bytes) -> ET.Element:
    """Return a feed, held against what RFC 4287 requires (4.1.1, 4.1.2, 3.3, 4.2.7)."""
    feed = ET.fromstring(written)  # noqa: S314 - our own
    assert feed.tag == f"{ATOM}feed"
    for element in (feed, *feed.iter(f"{ATOM}entry")):
        for name in ("id", "title", "updated"):
            assert len(element.findall(f"{ATOM}{name}")) == 1, name
        assert re.fullmatch(r"tag:[a-z0-9.-]+,\d{4}-\d\d-\d\d:\S+", element.findtext(f"{ATOM}id", ""))
        assert datetime.fromisoformat(element.findtext(f"{ATOM}updated", "")).tzinfo is not None
        for link in element.findall(f"{ATOM}link"):
            assert re.fullmatch(r"https?://[^\s<>\"{}|\\^`]+", link.get("href", ""))
        if element is not feed:
            assert element.find(f"{ATOM}content") is not None
    assert feed.findtext(f"{ATOM}author/{ATOM}name")
    assert len(feed.findall(f"{ATOM}link[@rel='self']")) == 1
    ids = [each.text for each in feed.iter(f"{ATOM}id")]
    assert len(ids) == len(set(ids))
    return feed


def titles(feed: ET.Element) -> list[str]:
    return [entry.findtext(f"{ATOM}title", "") for entry in feed.iter(f"{ATOM}entry")]


def test_an_account_that_did_not_choose_it_looks_like_one_that_does_not_exist(
    client: FlaskClient, account: Account, make_link: MakeLink, public: Account, session: Session
) -> None:
    make_link(account, shared=True)
    assert [client.get(path).status_code for path in paths(public)] == [200, 200]
    accounts.set_public(session, account.id, public=False)
    for closed, unknown in zip(paths(account), ("/public/nobody", "/public/nobody/atom.xml"), strict=True):
        answers = [client.get(closed), client.get(unknown)]
        assert [answer.status_code for answer in answers] == [404, 404]
        assert answers[0].data == answers[1].data


@pytest.mark.parametrize("name", ["%00", "%ff", "a b", "x" * 5000, "..", "<script>"])
def test_names_that_are_none(client: FlaskClient, name: str) -> None:
    for path in (f"/public/{name}", f"/public/{name}/atom.xml"):
        answer = client.get(path)
        assert answer.status_code == 404
        assert "<script>" not in answer.text


def test_only_what_is_shared_is_there_and_notes_never(
    client: FlaskClient, public: Account, make_link: MakeLink, make_account: Callable[..., Account]
) -> None:
    other = make_account()
    make_link(other, title="of another", shared=True)
    make_link(public, title="private one", notes="SECRET-A")
    make_link(public, title="shared one", description="told", notes="SECRET-B", tags=["x"], shared=True)
    make_link(public, title="archived one", shared=True, archived=True, unread=True, notes="SECRET-C")
    for path in paths(public):
        written = client.get(path).text
        assert "shared one" in written
        assert "archived one" in written
        for never in ("SECRET", "of another", "private one", "archived<", "unread", other.name):
            assert never not in written


def test_who_is_logged_in_sees_the_same_as_everyone(
    browser: FlaskClient, public: Account, make_link: MakeLink
) -> None:
    make_link(public, title="private one")
    make_link(public, title="shared one", shared=True)
    seen = browser.get(paths(public)[0])
    browser.delete_cookie("linkhold_session")
    assert seen.data == browser.get(paths(public)[0]).data


def test_what_is_no_longer_shared_or_is_trashed_vanishes_at_once(
    browser: FlaskClient, public: Account, make_link: MakeLink, make_feed: Callable[..., str]
) -> None:
    kept, unshared, trashed = (
        make_link(public, title=f"is {name}", shared=True) for name in ("kept", "unshared", "trashed")
    )
    private = make_feed()
    tags = {path: browser.get(path).headers["ETag"] for path in (*paths(public), private)}
    browser.post(f"/link/{unshared.id}/set", data={"set": "unshare"})
    browser.post(f"/link/{trashed.id}/trash")
    for path in paths(public):
        answer = browser.get(path, headers={"If-None-Match": tags[path]})
        assert answer.status_code == 200
        assert kept.title in answer.text
        assert unshared.title not in answer.text
        assert trashed.title not in answer.text
    answer = browser.get(private, headers={"If-None-Match": tags[private]})
    assert titles(held(answer.data)) == ["is unshared", "is kept"]


@pytest.mark.parametrize("text", [HOSTILE, CONTROL, BIDI, "]]>", "\U0001f9d1\u200d\U0001f373", " \r\n\t x"])
def test_hostile_words_are_words(
    client: FlaskClient, public: Account, make_link: MakeLink, make_feed: Callable[..., str], text: str
) -> None:
    fields = {"title": text, "description": text, "tags": [re.sub(r"[\x00-\x20]", "", text)], "notes": text}
    make_link(public, f"https://a.example/?q={HOSTILE}{BIDI}", **fields, shared=True)
    page, atom = paths(public)
    shown = client.get(page).text
    assert "<script>alert" not in shown
    for each in re.findall(r'class="(?:title|words|tag|site)"[^>]*>(.*?)</(?:a|p|span)>', shown, re.DOTALL):
        assert each.startswith("<bdi>")  # what turns the direction around ends with it
        assert each.endswith("</bdi>")
    plain = re.sub(r"[\x00-\x08\x0b-\x1f\ufffe\uffff]", "", text).strip()
    for path in (atom, make_feed()):
        feed = held(client.get(path).data)
        assert titles(feed)[0].strip() == plain
        assert feed.findall(f".//{ATOM}script") == []


@pytest.mark.parametrize("url", ["javascript:alert(1)", "data:text/html,<script>alert(1)</script>", "x:y"])
def test_what_could_run_is_never_a_link(
    client: FlaskClient, public: Account, make_link: MakeLink, session: Session, url: str
) -> None:
    link = make_link(public, title="Look", shared=True)
    session.get_one(Link, (public.id, link.id)).url = url
    session.flush()
    page, atom = paths(public)
    hrefs = [html.unescape(each) for each in re.findall(r'href="([^"]*)"', client.get(page).text)]
    assert not any(href.startswith(url[:4]) for href in hrefs)
    feed = held(client.get(atom).data)
    [entry] = feed.findall(f"{ATOM}entry")
    assert entry.findall(f"{ATOM}link") == []
    assert entry.findtext(f"{ATOM}content") == url


@pytest.mark.parametrize("after", ["x", "!!", "WyJhZGRlZCIsMSwxXQ", "WyJ0aXRsZSIsIngiLDFd", "\0", "a" * 5000])
def test_a_cursor_that_is_none_is_refused(client: FlaskClient, public: Account, after: str) -> None:
    assert client.get(paths(public)[0], query_string={"after": after}).status_code == 400


def test_pages_lead_through_all_of_it_once(client: FlaskClient, public: Account, make_link: MakeLink) -> None:
    wanted = [make_link(public, title=f"No {number}.", shared=True).title for number in range(120)][::-1]
    seen: list[str] = []
    path = paths(public)[0]
    for _ in range(3):
        page = client.get(path).text
        seen += re.findall(r"<bdi>(No \d+\.)</bdi>", page)
        path = html.unescape("".join(re.findall(r'rel="next" href="([^"]*)"', page)))
    assert seen == wanted
    assert path == ""
    assert titles(held(client.get(paths(public)[1]).data)) == wanted[:50]


def test_what_did_not_change_is_not_sent_again(
    client: FlaskClient, public: Account, make_link: MakeLink, make_feed: Callable[..., str]
) -> None:
    make_link(public, shared=True)
    for path, kept in (*((each, "public") for each in paths(public)), (make_feed(), "private")):
        first = client.get(path)
        assert first.headers["Cache-Control"] == f"{kept}, no-cache"
        again = client.get(path, headers={"If-None-Match": first.headers["ETag"]})
        assert (again.status_code, again.data) == (304, b"")
        make_link(public, title=f"more {path}", shared=True)
        assert client.get(path, headers={"If-None-Match": first.headers["ETag"]}).status_code == 200


def test_a_page_asks_not_to_be_searched_and_names_its_feed(client: FlaskClient, public: Account) -> None:
    page, atom = paths(public)
    shown = client.get(page).text
    assert '<meta name="robots" content="noindex">' in shown
    assert f'type="application/atom+xml" title="Links of {public.name}" href="{atom}"' in shown
    answer = client.get(atom)
    assert answer.content_type == "application/atom+xml; charset=utf-8"
    assert titles(held(answer.data)) == []


def test_names_of_entries_stay_when_their_links_change(
    browser: FlaskClient, public: Account, make_link: MakeLink
) -> None:
    link = make_link(public, title="Before", shared=True)
    atom = paths(public)[1]
    before = held(browser.get(atom).data)
    browser.post(f"/link/{link.id}/edit", data={"title": "After", "shared": "1", "version": link.version})
    after = held(browser.get(atom).data)
    assert titles(after) == ["After"]
    for name, same in (("id", True), ("published", True), ("updated", False)):
        values = [feed.findtext(f"{ATOM}entry/{ATOM}{name}") for feed in (before, after)]
        assert (values[0] == values[1]) is same, name


@pytest.mark.parametrize("secret", ["x", "lhf_1_" + "0" * 40, "lh_1_" + "0" * 40, "%00", "%ff", "a" * 5000])
def test_a_wrong_secret_is_404_and_soon_slowed(client: FlaskClient, secret: str) -> None:
    statuses = [client.get(f"/feed/{secret}/atom.xml").status_code for _ in range(24)]
    assert statuses[0] == 404
    assert statuses[-1] == 429


def test_a_reading_is_remembered_and_a_reader_that_asks_often_writes_once(own_runtime: Runtime) -> None:
    account = add_account(own_runtime)
    with own_runtime.transaction() as session:
        _, secret = feeds.issue(session, account.id, name="Mine", query="", longest=2000)
    client = create_app(own_runtime).test_client()
    read = []
    for _ in range(2):
        client.get(f"/feed/{secret}/atom.xml")
        with own_runtime.reading() as session:
            read.append(feeds.of_account(session, account.id)[0].last_read_at)
    assert read[0] is not None
    assert read[1] == read[0]


def test_guessing_does_not_keep_a_reader_out(client: FlaskClient, make_feed: Callable[..., str]) -> None:
    path = make_feed()
    for _ in range(24):
        client.get("/feed/wrong/atom.xml")
    assert client.get(path).status_code == 200


def test_a_private_feed_has_what_its_search_finds_of_its_account_alone(
    client: FlaskClient,
    account: Account,
    make_account: Callable[..., Account],
    make_link: MakeLink,
    make_feed: Callable[..., str],
) -> None:
    make_link(make_account(), title="of another", tags=["x"])
    make_link(account, title="has x", tags=["x"], notes="SECRET")
    make_link(account, title="has none")
    make_link(account, title="is archived", archived=True)
    answer = client.get(make_feed("#x sort:title"))
    assert titles(held(answer.data)) == ["has x"]
    assert "SECRET" not in answer.text
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert answer.headers["X-Robots-Tag"] == "noindex"
    assert titles(held(client.get(make_feed()).data)) == ["has none", "has x"]
    of_no_sense = client.get(make_feed("((( #"))
    assert titles(held(of_no_sense.data)) == ["has none", "has x"], "what is passed over limits nothing"


def test_a_secret_stands_in_no_log(
    client: FlaskClient, make_feed: Callable[..., str], caplog: pytest.LogCaptureFixture
) -> None:
    path = make_feed()
    with caplog.at_level(logging.DEBUG):
        client.get(path)
    [record] = [each for each in caplog.records if "/feed/" in each.getMessage()]
    digits = path.split("_")[2].partition("/")[0]
    for formatter in (logs.TextFormatter(colour=False), logs.JsonFormatter()):
        assert digits not in formatter.format(record)


def test_the_page_of_feeds_shows_an_address_to_its_maker_and_revokes_it(
    browser: FlaskClient,
) -> None:
    form = {"name": HOSTILE, "query": "#x"}
    answer = browser.post("/feeds", data=form, follow_redirects=True)
    assert "<script>alert" not in answer.text
    [path] = re.findall(r"<code>http://localhost(/feed/lhf_\S+/atom.xml)</code>", answer.text)
    assert browser.get(path).status_code == 200
    assert path in browser.get("/feeds").text, "loading it anew makes no other one"
    browser.delete_cookie(briefly.COOKIE, path="/feeds")
    again = browser.get("/feeds").text
    assert "lhf_" not in again
    [revoke] = re.findall(r'action="(/feeds/\d+/revoke)"', again)
    assert browser.post(revoke).status_code == 303
    assert browser.get(path).status_code == 404
    assert browser.post(revoke).status_code == 404


@pytest.mark.parametrize(("form", "field"), [({"name": ""}, "name"), ({"name": "x", "query": "\0"}, "query")])
def test_a_feed_that_cannot_be_comes_back_to_be_mended(
    browser: FlaskClient, form: dict[str, str], field: str
) -> None:
    answer = browser.post("/feeds", data=form)
    assert answer.status_code == 400
    assert f'id="{field}-fault"' in answer.text


def test_the_public_page_is_opened_and_closed_by_its_owner(browser: FlaskClient, account: Account) -> None:
    page = paths(account)[0]
    assert f"http://localhost{page}" not in browser.get("/feeds").text
    browser.post("/feeds/public", data={"public": "1"})
    assert f"http://localhost{page}" in browser.get("/feeds").text
    assert browser.get(page).status_code == 200
    browser.post("/feeds/public")
    assert browser.get(page).status_code == 404
