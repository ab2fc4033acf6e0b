"""What pages say: the language of who reads, days and moments in their zone, numbers as they write them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from flask import Flask, g
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from linkhold import clock
from linkhold.accounts import accounts
from linkhold.accounts.models import Account
from linkhold.accounts.sessions import Person
from linkhold.doors.current import Caller
from linkhold.doors.web import speaking
from linkhold.links import tagging
from linkhold.links.changes import Origin
from linkhold.links.models import Link

NEW_YEAR = datetime(2019, 12, 31, 23, 30, tzinfo=UTC)


def set_person(*, language: str = "", time_zone: str = "") -> None:
    g.caller = Caller(1, frozenset(), Origin("web"), Person("ada", language, time_zone))


@pytest.mark.parametrize(
    ("asked", "own", "spoken"),
    [("de-CH,en;q=0.5", "", "de"), ("de", "en", "en"), ("en", "de", "de"), ("fr", "", "en"), ("", "", "en")],
)
def test_the_own_language_comes_before_that_of_the_browser(asked: str, own: str, spoken: str) -> None:
    with Flask("test").test_request_context(headers={"Accept-Language": asked}):
        set_person(language=own)
        assert speaking.page_language() == spoken


def test_a_day_is_that_of_the_readers_zone() -> None:
    with Flask("test").test_request_context():
        assert speaking.day(NEW_YEAR) == "31 Dec 2019"
        set_person(time_zone="Europe/Berlin")
        assert speaking.day(NEW_YEAR) == "1 Jan 2020"


def test_a_day_of_this_year_is_said_without_it() -> None:
    now = clock.now()
    with Flask("test").test_request_context():
        assert str(now.year) not in speaking.day(now)


@pytest.mark.parametrize(
    ("language", "zone", "moment", "number"),
    [
        ("en", "", "31 December 2019, 23:30 UTC", "12,345"),
        ("de", "Europe/Berlin", "1. Januar 2020, 00:30 MEZ", "12.345"),
    ],
)
def test_moments_and_numbers_are_written_as_the_language_does(
    language: str, zone: str, moment: str, number: str
) -> None:
    with Flask("test").test_request_context():
        set_person(language=language, time_zone=zone)
        assert speaking.moment(NEW_YEAR) == moment
        assert speaking.number(12345) == number
        assert speaking.ngettext("{number} link", "{number} links", 12345) == f"{number} " + (
            "Links" if language == "de" else "links"
        )


@pytest.fixture
def german(browser: FlaskClient, session: Session, account: Account) -> FlaskClient:
    """Return a browser that asks for English, of an account that wants German and a dark page."""
    kept = accounts.by_id(session, account.id)
    kept.language, kept.appearance = "de", "dark"
    session.flush()
    browser.environ_base["HTTP_ACCEPT_LANGUAGE"] = "en"
    return browser


def test_a_completion_says_what_it_means_in_the_language_of_the_page(german: FlaskClient) -> None:
    found = german.get("/complete.json?typed=si").get_json()["completions"]
    assert found == [{"text": "site:", "note": "eine Website und alles darunter"}]


@pytest.mark.parametrize("path", ["/offline", "/kept"])
def test_what_is_kept_on_the_device_is_as_its_reader_wants_it(german: FlaskClient, path: str) -> None:
    page = german.get(path).text
    assert '<html lang="de" data-appearance="dark">' in page
    german.delete_cookie("linkhold_session")
    assert '<html lang="en">' in german.get(path).text


@pytest.mark.parametrize(
    ("door", "said"), [("command", "mit einem Befehl"), ("share", "geteilt"), ("v1", "über die API")]
)
def test_the_histories_call_a_door_by_one_name(
    german: FlaskClient,
    session: Session,
    account: Account,
    make_link: Callable[..., Link],
    door: str,
    said: str,
) -> None:
    link = make_link(account, tags=["a"])
    tagging.rename(session, account.id, "a", "b", origin=Origin(door, "mobile"), longest=64)
    for path in ("/history", f"/link/{link.id}"):
        assert f"<span>{said}, mobile</span>" in german.get(path).text
