"""Private feeds: at an address that nobody guesses, of one account alone, and revoked at once."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from conftest import add_account
from doors.web.given_out import HOSTILE, MakeLink, held, titles
from linkhold import logs
from linkhold.accounts import feeds
from linkhold.accounts.models import Account
from linkhold.app import create_app
from linkhold.doors.web import briefly
from linkhold.runtime import Runtime


@pytest.mark.usefixtures("one_moment")
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
