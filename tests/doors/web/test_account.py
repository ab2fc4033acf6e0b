"""The account as pages: preferences, password, browsers, tokens, export, and leaving for good."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from conftest import PASSWORD
from linkhold import clock
from linkhold.accounts import accounts, feeds, pairings, sessions, tokens
from linkhold.accounts.models import Account, BrowserSession, Token
from linkhold.doors.web import agents, briefly
from linkhold.links import inbox
from linkhold.links.changes import Origin
from linkhold.links.models import Link

Make = Callable[..., Link]
NEW = "another good password"
HOSTILE = '"><script>alert(1)</script>'


@pytest.fixture
def stranger(session: Session, account: Account) -> Account:
    """Return another account, made after the first."""
    return accounts.create(session, f"stranger-of-{account.name}", PASSWORD)


def browsers(session: Session, account: Account) -> list[BrowserSession]:
    query = select(BrowserSession).where(BrowserSession.owner_id == account.id).order_by(BrowserSession.id)
    return list(session.scalars(query))


def test_preferences_are_kept_and_spoken(browser: FlaskClient, session: Session, account: Account) -> None:
    wanted = {"language": "de", "time_zone": "Europe/Berlin", "appearance": "dark", "trash_days": ""}
    page = browser.post("/account/preferences", data=wanted, follow_redirects=True).text
    session.expire_all()
    assert session.get_one(Account, account.id).trash_days is None
    assert '<html lang="de" data-appearance="dark">' in page
    assert "Zeitzone" in page
    assert 'value="Europe/Berlin"' in page


def test_the_shortcuts_of_a_single_key_can_be_switched_off(browser: FlaskClient) -> None:
    """WCAG 2.2, 2.1.4: who speaks to a machine presses keys without meaning to."""
    assert '<meta name="keys"' not in browser.get("/").text
    page = browser.post("/account/preferences", data={"quiet_keys": "1"}, follow_redirects=True).text
    assert '<meta name="keys" content="quiet">' in page
    assert re.search(r'name="quiet_keys" value="1" checked', page)
    assert "data-keys" not in page, "nothing tells of keys that do nothing"
    page = browser.post("/account/preferences", data={}, follow_redirects=True).text
    assert '<meta name="keys"' not in page


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("language", "xx"),
        ("language", "../de"),
        ("time_zone", "Atlantis/Capital"),
        ("time_zone", "../../etc/passwd"),
        ("appearance", "pink"),
        ("trash_days", "0"),
        ("trash_days", "-3"),
        ("trash_days", "soon"),
        ("trash_days", "99999999"),
        ("trash_days", "9" * 400),
    ],
)
def test_a_preference_that_makes_no_sense_is_told_by_its_field(
    browser: FlaskClient, session: Session, account: Account, field: str, value: str
) -> None:
    answer = browser.post("/account/preferences", data={"trash_days": "30", field: value})
    assert answer.status_code == 400
    assert f'id="{field}-fault"' in answer.text
    session.expire_all()
    kept = session.get_one(Account, account.id)
    assert (kept.language, kept.time_zone, kept.appearance, kept.trash_days) == ("", "", "", 30)


def test_the_password_is_changed_by_who_knows_it(
    browser: FlaskClient, session: Session, account: Account
) -> None:
    sessions.start(session, account.id, user_agent="another", address="192.0.2.7")
    wrong = browser.post("/account/password", data={"current": "not it at all", "new": NEW})
    assert wrong.status_code == 400
    assert 'id="current-fault"' in wrong.text
    short = browser.post("/account/password", data={"current": PASSWORD, "new": "short"})
    assert short.status_code == 400
    assert 'id="new-fault"' in short.text
    assert len(browsers(session, account)) == 2
    assert browser.post("/account/password", data={"current": PASSWORD, "new": NEW}).status_code == 303
    assert len(browsers(session, account)) == 1, "every other browser is logged out"
    assert browser.get("/account").status_code == 200, "this one is not"
    browser.post("/logout")
    assert browser.post("/login", data={"name": account.name, "password": PASSWORD}).status_code == 401
    assert browser.post("/login", data={"name": account.name, "password": NEW}).status_code == 303


@pytest.mark.usefixtures("one_moment")
def test_guessing_the_password_of_an_open_browser_is_slowed(browser: FlaskClient) -> None:
    guesses = [
        browser.post("/account/password", data={"current": f"guess number {number}", "new": NEW}).status_code
        for number in range(12)
    ]
    assert guesses[-1] == 429


def test_browsers_are_listed_and_logged_out(
    browser: FlaskClient, session: Session, account: Account, stranger: Account
) -> None:
    for owner in (account, stranger):
        sessions.start(session, owner.id, user_agent=HOSTILE, address="192.0.2.7")
    page = browser.get("/account").text
    assert "192.0.2.7" in page
    assert "<script>" not in page
    assert page.count("this one") == 1
    [mine, other] = browsers(session, account)
    [theirs] = browsers(session, stranger)
    assert browser.post(f"/account/browsers/{theirs.id}/end").status_code == 404
    assert browser.post(f"/account/browsers/{other.id}/end").status_code == 303
    assert [each.id for each in browsers(session, account)] == [mine.id]
    sessions.start(session, account.id, user_agent="x", address="192.0.2.7")
    assert browser.post("/account/browsers/end").status_code == 303
    assert [each.id for each in browsers(session, account)] == [mine.id]
    assert len(browsers(session, stranger)) == 1


def test_a_token_is_shown_to_the_browser_that_made_it_and_revoked(
    browser: FlaskClient, session: Session, account: Account, stranger: Account
) -> None:
    form = {"name": HOSTILE, "scopes": ["read"], "lifetime": "30"}
    answer = browser.post("/account/tokens", data=form)
    assert all(part in answer.headers["Set-Cookie"] for part in ("HttpOnly", "Max-Age=600", "SameSite=Lax"))
    made = browser.get(answer.headers["Location"])
    [token] = set(re.findall(r"lh_\d+_[0-9a-f]{40}", made.text))
    assert made.headers["Cache-Control"] == "no-store"
    assert "<script>" not in made.text
    assert 'role="img"' in made.text
    assert token in browser.get("/account/tokens/made").text, "loading it anew makes no other one"
    page = browser.get("/account").text
    assert token not in page
    assert "<script>" not in page
    kept = session.scalars(select(Token).where(Token.owner_id == account.id)).one()
    assert kept.scopes == ["read"]
    assert kept.expires_at is not None
    tokens.issue(session, stranger.id, label="theirs", scopes=["read"])
    theirs = session.scalars(select(Token).where(Token.owner_id == stranger.id)).one()
    assert browser.post(f"/account/tokens/{theirs.id}/revoke").status_code == 404
    assert browser.post(f"/account/tokens/{kept.id}/revoke").status_code == 303
    assert not tokens.of_account(session, account.id)
    assert tokens.of_account(session, stranger.id)
    assert browser.get("/account/tokens/made").headers["Location"] == "/account"


def test_a_token_that_is_no_longer_good_is_said_to_be_so(
    browser: FlaskClient, session: Session, account: Account
) -> None:
    for days in (-1, 1):
        expires_at = clock.now() + timedelta(days=days)
        tokens.issue(session, account.id, label=f"{days}", scopes=tokens.SCOPES, expires_at=expires_at)
    page = browser.get("/account").text
    assert re.findall(r"<span>(expired|good until) ", page) == ["expired", "good until"]


def test_a_page_shows_no_secret_that_is_not_its_own(
    browser: FlaskClient, session: Session, stranger: Account
) -> None:
    """Whoever could plant a cookie would have their own token copied, and then be sent what is saved."""
    token = tokens.issue(session, stranger.id, label="theirs", scopes=["read"])
    code = pairings.issue(session, stranger.id).text
    _, feed = feeds.issue(session, stranger.id, name="theirs", query="", longest=2000)
    shown = {"/account/tokens/made": token, "/paired": token, "/phone": code, "/feeds": feed}
    for path, secret in shown.items():
        browser.set_cookie(briefly.COOKIE, secret, path=path)
        assert secret not in browser.get(path, follow_redirects=True).text


@pytest.mark.parametrize(
    ("form", "field"),
    [
        ({"name": "", "scopes": ["read"]}, "token_name"),
        ({"name": "x" * 101, "scopes": ["read"]}, "token_name"),
        ({"name": "x"}, "scopes"),
        ({"name": "x", "scopes": ["admin"]}, "scopes"),
    ],
)
def test_a_token_that_cannot_be_is_told_by_its_field(
    browser: FlaskClient, session: Session, account: Account, form: dict[str, str], field: str
) -> None:
    answer = browser.post("/account/tokens", data=form)
    assert answer.status_code == 400
    assert f'id="{field}-fault"' in answer.text
    assert not tokens.of_account(session, account.id)


def test_what_was_done_is_read_page_by_page(browser: FlaskClient) -> None:
    for number in range(25):
        browser.post("/account/tokens", data={"name": f"number {number}", "scopes": ["read"]})
    page = browser.get("/account").text
    assert "number 24 (reads)" in page
    [older] = re.findall(r'rel="next" href="([^"]+)"', page)
    assert "number 3 (reads)" in browser.get(older).text
    assert browser.get("/account?before=0").status_code == 400


def test_an_export_has_everything_and_says_where_it_ends(
    browser: FlaskClient, session: Session, account: Account, stranger: Account, make_link: Make
) -> None:
    kept, gone, theirs = make_link(account, title="Größe"), make_link(account), make_link(stranger)
    browser.post(f"/link/{gone.id}/trash")
    inbox.keep(session, account.id, "no link", origin=Origin("share"))
    browser.post("/searches", data={"name": "later", "query": "is:unread"})
    answer = browser.get("/account/export")
    lines = [json.loads(line) for line in answer.text.splitlines()]
    links = {line["link"]["id"]: line["link"] for line in lines if "link" in line}
    assert set(links) == {kept.id, gone.id}
    assert theirs.id not in links
    assert links[kept.id]["title"] == "Größe"
    assert links[gone.id]["trashed_at"]
    assert [line["inbox"]["text"] for line in lines if "inbox" in line] == ["no link"]
    assert [line["search"] for line in lines if "search" in line] == [{"name": "later", "query": "is:unread"}]
    assert lines[-1] == {"linkhold": "end", "lines": len(lines) - 1}
    assert "attachment" in answer.headers["Content-Disposition"]


def test_who_leaves_gives_the_name_and_the_password(
    browser: FlaskClient, session: Session, account: Account, make_link: Make
) -> None:
    make_link(account)
    for form in (
        {"name": "wrong", "password": PASSWORD},
        {"name": account.name, "password": "not it at all"},
    ):
        assert browser.post("/account/delete", data=form).status_code == 400
    answer = browser.post("/account/delete", data={"name": account.name, "password": PASSWORD})
    assert answer.headers["Location"] == "/login"
    session.expire_all()
    assert session.get(Account, account.id) is None
    assert not session.scalars(select(Link).where(Link.owner_id == account.id)).all()
    assert browser.get("/account").status_code == 303


def test_the_only_administrator_stays_while_there_are_others(
    browser: FlaskClient, session: Session, account: Account, stranger: Account, make_link: Make
) -> None:
    link = make_link(account)
    session.get_one(Account, account.id).is_admin = True
    session.flush()
    for each in accounts.every(session):
        each.is_admin = each.id == account.id
    session.flush()
    answer = browser.post("/account/delete", data={"name": account.name, "password": PASSWORD})
    assert answer.status_code == 409
    assert "only administrator" in answer.text
    session.expire_all()
    assert session.get(Link, (account.id, link.id)) is not None
    session.get_one(Account, stranger.id).is_admin = True
    session.flush()
    answer = browser.post("/account/delete", data={"name": account.name, "password": PASSWORD})
    assert answer.status_code == 303


@pytest.mark.parametrize(
    ("user_agent", "named"),
    [
        (
            (
                "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15"
                " Version/17.5 Mobile/15E148 Safari/604.1"
            ),
            ("Safari", "iPhone"),
        ),
        (
            (
                "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko)"
                " Chrome/126.0.0.0 Safari/537.36 Edg/126.0.0.0"
            ),
            ("Edge", "Windows"),
        ),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:127.0) Gecko/20100101 Firefox/127.0", ("Firefox", "Linux")),
        ("Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 Chrome/126.0 Mobile", ("Chrome", "Android")),
        ("curl/8.5.0", ("curl", "")),
        ("", ("", "")),
        ("Mozilla/5.0", ("", "")),
        (HOSTILE, ("", "")),
    ],
)
def test_a_browser_is_named_in_two_words(user_agent: str, named: tuple[str, str]) -> None:
    assert agents.named(user_agent) == named


@pytest.mark.parametrize(
    ("scopes", "said"),
    [(["read"], "liest"), (["write"], "schreibt"), (["write", "read"], "liest und schreibt")],
)
def test_what_was_done_and_what_a_token_may_do_is_said_in_the_language_of_the_page(
    browser: FlaskClient, session: Session, account: Account, scopes: list[str], said: str
) -> None:
    tokens.issue(session, account.id, label="first token", scopes=scopes)
    session.flush()
    page = browser.get("/account", headers={"Accept-Language": "de"}).text
    assert f"erstes Token ({said})" in page
    assert f"<span>{said}</span>" in page
    assert "Token angelegt" in page
    assert "Angemeldet" in page
