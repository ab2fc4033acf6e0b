"""What is typed into the field that saves: understood as a person means it, as a share is."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from linkhold.accounts.models import Account
from linkhold.links import inbox
from linkhold.links.changes import Origin
from linkhold.links.models import Link


def links(session: Session, account: Account) -> Sequence[Link]:
    session.expire_all()
    return session.scalars(select(Link).where(Link.owner_id == account.id).order_by(Link.id)).all()


@pytest.mark.parametrize(
    ("typed", "urls", "title", "notes"),
    [
        ("example.com/page", ["https://example.com/page"], "", ""),
        (" example.com ", ["https://example.com"], "", ""),
        ("https://a.example/x", ["https://a.example/x"], "", ""),
        ("A title \u2013 https://a.example/", ["https://a.example/"], "A title", ""),
        ("Look at https://a.example/ wow", ["https://a.example/"], "", "Look at https://a.example/ wow"),
        ("https://a.example/ then", ["https://a.example/"], "then", ""),
        ("https://a.example/\nhttps://b.example/", ["https://a.example/", "https://b.example/"], "", ""),
    ],
)
def test_a_link_is_found_in_what_is_typed(
    browser: FlaskClient,
    session: Session,
    account: Account,
    typed: str,
    urls: list[str],
    title: str,
    notes: str,
) -> None:
    answer = browser.post("/", data={"url": typed, "tags": "a b"}, follow_redirects=True)
    assert ">Undo<" in answer.text
    found = links(session, account)
    assert [link.url for link in found] == urls
    assert (found[0].title, found[0].notes, found[0].tags) == (title, notes, ["a", "b"])


@pytest.mark.parametrize("typed", ["", "no link", "javascript:alert(1)", "a@b.example", "https://", "\0"])
def test_what_has_no_link_comes_back_to_be_mended(
    browser: FlaskClient, session: Session, account: Account, typed: str
) -> None:
    answer = browser.post("/", data={"url": typed, "title": "Kept"})
    assert (answer.status_code, 'value="Kept"' in answer.text) == (400, True)
    assert 'id="url-fault"' in answer.text
    assert links(session, account) == []


def test_a_title_that_was_typed_is_the_title(
    browser: FlaskClient, session: Session, account: Account
) -> None:
    browser.post("/", data={"url": "example.com/a", "title": "Mine"})
    browser.post("/", data={"url": "Theirs: https://b.example/", "title": "Mine too"})
    assert [link.title for link in links(session, account)] == ["Mine", "Mine too"]
    assert "Theirs" in links(session, account)[1].notes, "no word is dropped"


def test_a_share_with_a_key_is_done_once(browser: FlaskClient, session: Session, account: Account) -> None:
    headers = {"Idempotency-Key": "k", "Accept": "application/json"}
    for path, sent in (("/", {"url": "One: https://a.example/ two"}), ("/share", {"text": "only words"})):
        headers["Idempotency-Key"] = path
        first, again = (browser.post(path, data=sent, headers=headers).get_json() for _ in range(2))
        assert first == again
    assert len(links(session, account)) == 1
    assert len(inbox.newest(session, account.id, limit=5)) == 1


def test_the_form_of_other_programs_reads_the_words_beside_the_address(
    browser: FlaskClient, session: Session, account: Account
) -> None:
    shared = {"url": "A title \u2013 https://a.example/", "notes": "Mine."}
    page = browser.get("/bookmarks/new", query_string=shared).text
    assert 'value="https://a.example/"' in page
    assert 'value="A title"' in page
    browser.post("/bookmarks/new", data={"url": "example.com/x", "title": "T"})
    browser.post("/bookmarks/new", data={**shared, "title": "T"})
    assert [(link.url, link.title, link.notes) for link in links(session, account)] == [
        ("https://example.com/x", "T", ""),
        ("https://a.example/", "T", "Mine.\n\nA title"),
    ]


def test_an_address_for_a_text_of_the_inbox_may_lack_its_scheme(
    browser: FlaskClient, session: Session, account: Account, make_link: Callable[..., Link]
) -> None:
    make_link(account, url="https://known.example/")
    first, second = (inbox.keep(session, account.id, "words", origin=Origin("share")) for _ in range(2))
    assert browser.post(f"/inbox/{first.id}/link", data={"url": "example.com/page"}).status_code == 303
    assert browser.post(f"/inbox/{second.id}/note", data={"url": "example.com/page"}).status_code == 303
    assert links(session, account)[-1].url == "https://example.com/page"
