"""Putting Linkhold on a phone: the code on the desktop, the question and the start page on the phone."""

from __future__ import annotations

import html
import re
from urllib.parse import urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from linkhold.accounts import pairings, tokens
from linkhold.accounts.models import Account
from linkhold.doors.web import briefly

IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) Version/17.5 Mobile/15E148 Safari/604.1"


@pytest.fixture
def phone(app: Flask) -> FlaskClient:
    client = app.test_client()
    client.environ_base["HTTP_USER_AGENT"] = IPHONE
    return client


def code_on(page: str) -> str:
    [code] = set(re.findall(r"lhp_\d+_[0-9a-f]{40}", page))
    return str(code)


def test_a_phone_is_paired_by_what_the_desktop_shows(
    browser: FlaskClient, phone: FlaskClient, session: Session, account: Account
) -> None:
    assert "lhp_" not in browser.get("/phone").text
    shown = browser.post("/phone", follow_redirects=True)
    assert shown.headers["Cache-Control"] == "no-store"
    assert 'role="img"' in shown.text
    [link] = set(re.findall(r"http://localhost/pair\?code=lhp_\w+", html.unescape(shown.text)))
    address = urlsplit(link)
    asked = [phone.get(f"{address.path}?{address.query}").text for _ in range(3)][-1]
    assert f"library of {account.name}" in asked
    assert 'value="iPhone"' in asked
    assert not tokens.of_account(session, account.id), "looking pairs nothing: previews look too"
    answer = phone.post("/pair", data={"code": code_on(asked), "device": "Ada's iPhone"})
    assert answer.headers["Location"] == "/paired"
    done = phone.get("/paired")
    assert done.headers["Cache-Control"] == "no-store"
    [token] = set(re.findall(r"lh_\d+_[0-9a-f]{40}", done.text))
    saved = phone.post(
        "/save", json={"text": "https://a.example/"}, headers={"Authorization": f"Bearer {token}"}
    )
    assert saved.status_code == 201
    assert token in phone.get("/paired").text, (
        "it was away in another app, and its browser loads the page anew"
    )
    assert len(tokens.of_account(session, account.id)) == 1
    assert phone.get("/").status_code == 200, "its browser is logged in"
    assert phone.post("/pair", data={"code": code_on(asked), "device": "again"}).status_code == 404


@pytest.mark.parametrize("code", ["", "lhp_1_" + "0" * 40, '"><script>', "\0"])
def test_a_wrong_code_says_what_to_do(phone: FlaskClient, code: str) -> None:
    for answer in (phone.get("/pair", query_string={"code": code}), phone.post("/pair", data={"code": code})):
        assert answer.status_code == 404
        assert "make a new one" in answer.text


@pytest.mark.usefixtures("one_moment")
def test_guessing_codes_is_slowed(phone: FlaskClient) -> None:
    guesses = [phone.get("/pair?code=lhp_1_" + f"{number:040x}").status_code for number in range(25)]
    assert guesses[0] == 404
    assert guesses[-1] == 429


def test_a_phone_without_a_name_is_asked_again(
    phone: FlaskClient, session: Session, account: Account
) -> None:
    code = pairings.issue(session, account.id).text
    answer = phone.post("/pair", data={"code": code, "device": " "})
    assert answer.status_code == 400
    assert 'id="device-fault"' in answer.text
    hostile = phone.post("/pair", data={"code": code_on(answer.text), "device": "<script>alert(1)</script>"})
    assert hostile.status_code == 303
    assert "<script>alert" not in phone.get("/paired").text


def test_after_ten_minutes_the_token_is_not_shown_any_more(
    phone: FlaskClient, session: Session, account: Account
) -> None:
    code = pairings.issue(session, account.id).text
    phone.post("/pair", data={"code": code, "device": "x"})
    for token in tokens.of_account(session, account.id):
        token.created_at -= briefly.LASTS
    session.flush()
    assert phone.get("/paired").headers["Location"] == "/phone"


def test_a_phone_that_is_logged_in_is_set_up_without_a_code(
    browser: FlaskClient, session: Session, account: Account
) -> None:
    page = browser.get("/phone", headers={"User-Agent": IPHONE}).text
    assert "Set up this phone" in page
    assert 'value="iPhone"' in page
    assert "Set up this phone" not in browser.get("/phone").text
    refused = browser.post("/phone/here", data={"device": " "})
    assert (refused.status_code, 'id="device-fault"' in refused.text) == (400, True)
    answer = browser.post("/phone/here", data={"device": "Ada's iPhone"}, follow_redirects=True)
    assert "Ada&#39;s iPhone is connected" in answer.text
    assert [token.label for token in tokens.of_account(session, account.id)] == ["Ada's iPhone"]


def test_what_is_to_be_copied_is_told_apart_by_who_hears_it(
    phone: FlaskClient, session: Session, account: Account
) -> None:
    code = pairings.issue(session, account.id).text
    phone.post("/pair", data={"code": code, "device": "x"})
    page = phone.get("/paired").text
    labels = re.findall(r'<label for="[^"]+">(.*?)</label>', page)
    buttons = re.findall(r'aria-label="Copy: ([^"]+)"', page)
    assert buttons == ["URL", "Key, of the header", "Text", "Key, of the field"]
    assert [re.sub("<.*?>", "", each) for each in labels] == buttons


def test_the_address_to_scan_is_a_link_too(browser: FlaskClient) -> None:
    page = html.unescape(browser.post("/phone", follow_redirects=True).text)
    assert re.search(r'href="http://localhost/pair\?code=lhp_', page)
    assert code_on(browser.get("/phone").text) == code_on(page), "loading it anew makes no other code"


def test_another_site_pairs_nothing(phone: FlaskClient, session: Session, account: Account) -> None:
    code = pairings.issue(session, account.id).text
    answer = phone.post(
        "/pair", data={"code": code, "device": "x"}, headers={"Origin": "https://evil.example"}
    )
    assert answer.status_code == 403
    assert pairings.find(session, code)
