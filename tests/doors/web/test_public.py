"""What an account gives out: nothing unless it chose to, and then no more than that."""

from __future__ import annotations

import html
import re
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from doors.web.given_out import MakeLink, held, paths, titles
from linkhold.accounts import accounts
from linkhold.accounts.models import Account


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


def test_a_page_asks_not_to_be_searched_and_names_its_feed(client: FlaskClient, public: Account) -> None:
    page, atom = paths(public)
    shown = client.get(page).text
    assert '<meta name="robots" content="noindex">' in shown
    assert f'type="application/atom+xml" title="Links of {public.name}" href="{atom}"' in shown
    answer = client.get(atom)
    assert answer.content_type == "application/atom+xml; charset=utf-8"
    assert titles(held(answer.data)) == []


def test_the_public_page_is_opened_and_closed_by_its_owner(browser: FlaskClient, account: Account) -> None:
    page = paths(account)[0]
    assert f"http://localhost{page}" not in browser.get("/feeds").text
    browser.post("/feeds/public", data={"public": "1"})
    assert f"http://localhost{page}" in browser.get("/feeds").text
    assert browser.get(page).status_code == 200
    browser.post("/feeds/public")
    assert browser.get(page).status_code == 404
