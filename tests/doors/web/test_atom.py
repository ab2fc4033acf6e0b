"""What an account gives out as Atom: words are words, names stay, and nothing is sent twice."""

from __future__ import annotations

import html
import re
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from doors.web.given_out import ATOM, BIDI, CONTROL, HOSTILE, MakeLink, held, paths, titles
from linkhold.accounts.models import Account
from linkhold.links.models import Link


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
