"""Acts on many links through the pages, each undone from its message."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from conftest import PASSWORD
from linkhold.accounts.models import Account
from linkhold.links.models import Link


@pytest.fixture
def links(account: Account, make_link: Callable[..., Link]) -> list[Link]:
    return [make_link(account, tags=["old"], unread=True) for _ in range(3)]


def now(session: Session, links: list[Link]) -> list[Link]:
    session.expire_all()
    return list(
        session.scalars(select(Link).where(Link.id.in_([link.id for link in links])).order_by(Link.id))
    )


ACTS = [
    ({"act": "tag", "tags": "new, newer"}, lambda link: {"new", "newer"} <= set(link.tags)),
    ({"act": "untag", "tags": "old"}, lambda link: link.tags == []),
    ({"act": "read"}, lambda link: not link.unread),
    ({"act": "archive"}, lambda link: link.archived),
    ({"act": "share"}, lambda link: link.shared),
    ({"act": "trash"}, lambda link: link.trashed_at is not None),
]


@pytest.mark.parametrize(("form", "done"), ACTS, ids=[form["act"] for form, _ in ACTS])
def test_an_act_on_those_selected_is_done_told_and_undone(
    browser: FlaskClient,
    session: Session,
    links: list[Link],
    form: dict[str, str],
    done: Callable[[Link], bool],
) -> None:
    ids = [str(link.id) for link in links[:2]]
    page = browser.post("/many", data={**form, "ids": ids, "back": "/?q=%23old"}, follow_redirects=True)
    assert page.request.path == "/"
    assert page.request.args["q"] == "#old"
    assert ": 2 links" in page.text
    assert [done(link) for link in now(session, links)] == [True, True, False]
    [undo] = re.findall(r'action="(/batch/\d+/undo)"', page.text)
    undone = browser.post(undo, data={"back": "/"}, follow_redirects=True).text
    assert "Undid: " in undone
    assert ">Redo<" in undone
    assert not any(done(link) for link in now(session, links))


def test_everything_found_can_be_changed_at_once(
    browser: FlaskClient,
    session: Session,
    account: Account,
    make_link: Callable[..., Link],
    links: list[Link],
) -> None:
    other = make_link(account)
    browser.post("/many", data={"act": "archive", "all": "1", "q": "#old", "ids": [str(other.id)]})
    assert all(link.archived for link in now(session, links))
    assert not now(session, [other])[0].archived


def test_everything_in_the_library_leaves_the_archive_alone(
    browser: FlaskClient, session: Session, account: Account, make_link: Callable[..., Link]
) -> None:
    shown, archived = make_link(account), make_link(account, archived=True)
    browser.post("/many", data={"act": "trash", "all": "1", "q": ""})
    assert [bool(link.trashed_at) for link in now(session, [shown, archived])] == [True, False]


def test_what_a_misread_search_found_is_not_changed_as_a_whole(
    browser: FlaskClient, session: Session, links: list[Link]
) -> None:
    """Who typed a date that is none sees everything, and a remark: trashing all of it was not meant."""
    assert 'name="all"' in browser.get("/?q=%23old").text
    assert 'name="all"' not in browser.get("/?q=added:2025-13").text
    answer = browser.post("/many", data={"act": "trash", "all": "1", "q": "added:2025-13"})
    assert answer.status_code == 400
    assert "not all of the search was understood. “added:2025-13” is no date" in answer.text
    assert not any(link.trashed_at for link in now(session, links))


@pytest.mark.parametrize(
    "form",
    [
        {"act": "trash"},
        {"act": "trash", "ids": "x"},
        {"act": "trash", "ids": "²"},
        {"act": "trash", "ids": "9" * 40},
        {"act": "sell", "ids": "1"},
        {"ids": "1"},
        {"act": "tag", "ids": "1"},
        {"act": "tag", "ids": "1", "tags": "x" * 300},
    ],
)
def test_what_cannot_be_done_is_said_and_not_done(
    browser: FlaskClient, session: Session, links: list[Link], form: dict[str, str]
) -> None:
    answer = browser.post("/many", data=form)
    assert (answer.status_code, answer.mimetype) == (400, "text/html")
    assert all(link.tags == ["old"] and not link.trashed_at for link in now(session, links))


def test_anothers_links_are_passed_over(
    browser: FlaskClient,
    session: Session,
    make_account: Callable[..., Account],
    make_link: Callable[..., Link],
) -> None:
    link = make_link(make_account())
    page = browser.post("/many", data={"act": "trash", "ids": str(link.id)}, follow_redirects=True).text
    assert "Nothing was changed" in page
    assert now(session, [link])[0].trashed_at is None


def test_anothers_batch_cannot_be_undone(
    browser: FlaskClient, session: Session, links: list[Link], make_account: Callable[..., Account]
) -> None:
    assert browser.post("/batch/999999/undo").status_code == 404
    answer = browser.post("/many", data={"act": "trash", "ids": [str(links[0].id)]})
    batch = answer.headers["Location"].partition("batch.")[2]
    browser.post("/logout")
    assert "/login" in browser.post(f"/batch/{batch}/undo").headers["Location"]
    browser.post("/login", data={"name": make_account().name, "password": PASSWORD})
    assert browser.post(f"/batch/{batch}/undo").status_code == 404
    assert now(session, links)[0].trashed_at is not None


def test_what_was_changed_since_is_left_alone_and_told(browser: FlaskClient, links: list[Link]) -> None:
    ids = [str(link.id) for link in links]
    done = browser.post("/many", data={"act": "read", "ids": ids}).headers["Location"]
    batch = done.partition("batch.")[2]
    browser.post(f"/link/{ids[0]}/trash")
    browser.post("/trash/empty", data={"sure": "1"})
    page = browser.post(f"/batch/{batch}/undo", data={"back": "/"}, follow_redirects=True).text
    assert "1 link was changed since, and left alone." in page


@pytest.mark.parametrize(
    ("back", "leads"),
    [
        ("/?q=a&after=b&done=batch.1&left=3", "/?q=a&after=b&done="),
        ("//evil.example", "/?done="),
        ("https://evil.example/", "/?done="),
        ("/\\evil.example", "/?done="),
        ("/link/3", "/link/3?done="),
    ],
)
def test_an_act_leads_back_to_where_one_was_and_nowhere_else(
    browser: FlaskClient, links: list[Link], back: str, leads: str
) -> None:
    answer = browser.post("/many", data={"act": "read", "ids": [str(links[0].id)], "back": back})
    assert answer.status_code == 303
    assert answer.headers["Location"].startswith(leads)
