"""Coming in and going out, as a browser without scripts meets it, and what all pages share."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, text

from conftest import PASSWORD, add_account
from linkhold.accounts import invitations
from linkhold.accounts.models import Account, Token
from linkhold.app import create_app
from linkhold.doors import identify
from linkhold.doors.web import addresses, assets
from linkhold.errors import DatabaseAway
from linkhold.runtime import Runtime


@pytest.mark.parametrize(
    "wanted",
    [
        "//evil.example",
        "/\\evil.example",
        "https://evil.example",
        "javascript:alert(1)",
        "/\t/evil.example",
        "/\n/evil",
        "",
    ],
)
def test_log_in_leads_nowhere_else(wanted: str) -> None:
    assert addresses.local_path(wanted) == "/"


def test_log_in_leads_back_to_what_was_wanted(client: FlaskClient, account: Account) -> None:
    first = client.get("/trash?before=x")
    assert first.headers["Location"] == "/login?next=/trash?before%3Dx"
    answer = client.post(first.headers["Location"], data={"name": account.name, "password": PASSWORD})
    assert answer.headers["Location"] == "/trash?before=x"


def test_a_wrong_password_and_an_unknown_name_look_the_same(client: FlaskClient, account: Account) -> None:
    answers = [
        client.post("/login", data={"name": name, "password": "wrong wrong"})
        for name in (account.name, "nobody-by-this-name")
    ]
    assert [answer.status_code for answer in answers] == [401, 401]
    assert all("The name or the password is wrong." in answer.text for answer in answers)
    assert all("Set-Cookie" not in answer.headers for answer in answers)


@pytest.mark.usefixtures("one_moment")
def test_guessing_at_the_log_in_page_is_slowed(client: FlaskClient, account: Account) -> None:
    answers = [client.post("/login", data={"name": account.name, "password": f"wrong{n}"}) for n in range(13)]
    assert answers[-1].status_code == 429
    assert int(answers[-1].headers["Retry-After"]) > 0


def test_looking_whether_the_log_in_is_there_is_no_attempt(client: FlaskClient) -> None:
    """What watches over a server asks with HEAD, every few seconds."""
    assert {client.head("/login").status_code for _ in range(30)} == {200}


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_the_cookie_is_out_of_reach(client: FlaskClient, account: Account, scheme: str) -> None:
    answer = client.post(
        "/login", data={"name": account.name, "password": PASSWORD}, base_url=f"{scheme}://localhost"
    )
    cookie = answer.headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert ("Secure" in cookie) == (scheme == "https")


def last_seen_before(runtime: Runtime, days: int) -> None:
    """Let every browser have been away for some days."""
    with runtime.transaction() as session:
        session.execute(text(f"UPDATE sessions SET last_seen_at = now() - interval '{days} days'"))


def test_a_session_that_was_not_used_for_ninety_days_ends(browser: FlaskClient, runtime: Runtime) -> None:
    assert browser.get("/").status_code == 200
    last_seen_before(runtime, 91)
    assert browser.get("/").status_code == 303


def test_a_browser_that_is_used_every_day_stays_logged_in(own_runtime: Runtime) -> None:
    """The cookie slides with the session: a day's first answer gives it anew, and no other one does."""
    account, client = add_account(own_runtime), create_app(own_runtime).test_client()
    client.post("/login", data={"name": account.name, "password": PASSWORD})
    kept = client.get_cookie(identify.COOKIE)
    assert kept is not None
    assert "Set-Cookie" not in client.get("/").headers
    last_seen_before(own_runtime, 1)
    [cookie] = client.get("/").headers.getlist("Set-Cookie")
    assert cookie.startswith(f"{identify.COOKIE}={kept.value}; ")
    days = int(re.findall(r"Max-Age=(\d+)", cookie)[0]) // 86400
    assert days > own_runtime.settings.session_days, "the last visit of a day may come long after the first"
    assert "Set-Cookie" not in client.get("/").headers


def test_the_first_visit_of_a_day_can_be_the_log_out(browser: FlaskClient, runtime: Runtime) -> None:
    last_seen_before(runtime, 1)
    [cookie] = browser.post("/logout").headers.getlist("Set-Cookie")
    assert cookie.startswith(f"{identify.COOKIE}=; ")


def test_log_out_makes_the_cookie_worthless(browser: FlaskClient) -> None:
    cookie = browser.get_cookie(identify.COOKIE)
    assert cookie is not None
    browser.post("/logout")
    browser.set_cookie(identify.COOKIE, cookie.value)
    assert browser.get("/").status_code == 303


def test_a_token_is_no_cookie_and_a_cookie_no_token(
    app: Flask, browser: FlaskClient, account: Account, make_token: Callable[..., str]
) -> None:
    cookie = browser.get_cookie(identify.COOKIE)
    assert cookie is not None
    assert browser.get("/api/v1/links").status_code == 401
    headers = {"Authorization": f"Bearer {cookie.value}"}
    assert app.test_client().get("/api/v1/links", headers=headers).status_code == 401
    browser.set_cookie(identify.COOKIE, make_token(account))
    assert browser.get("/").status_code == 303


@pytest.fixture
def code(runtime: Runtime) -> str:
    """Return the code of the one-time address."""
    with runtime.transaction() as session:
        code = invitations.issue_first(session)
    assert code is not None
    return code


def test_the_one_time_address_makes_one_account_and_leads_into_its_library(
    client: FlaskClient, runtime: Runtime, code: str
) -> None:
    assert client.head(f"/setup?code={code}").status_code == 200
    assert "Create your account" in client.get(f"/setup?code={code}").text
    answer = client.post(f"/setup?code={code}", data={"name": "Ada", "password": PASSWORD})
    assert (answer.status_code, answer.headers["Location"]) == (303, "/")
    page = client.get("/").text
    for way in ("Paste an address above", "From the iPhone", "linkhold add -"):
        assert way in page
    with runtime.reading() as session:
        [account] = session.scalars(select(Account)).all()
        assert account.is_admin
        assert session.scalars(select(Token)).all() == [], "a token is made for who asks for one"
    for again in (
        client.get(f"/setup?code={code}"),
        client.post(f"/setup?code={code}", data={"name": "Eve", "password": PASSWORD}),
    ):
        assert (again.status_code, again.mimetype) == (404, "text/html")


@pytest.mark.parametrize(
    ("name", "password", "field"),
    [
        ("", PASSWORD, "name"),
        ("a:b", PASSWORD, "name"),
        ("a b", PASSWORD, "name"),
        ("ada", "short", "password"),
    ],
)
def test_an_account_that_cannot_be_is_said_beside_the_field_and_the_address_stays_good(
    client: FlaskClient, code: str, name: str, password: str, field: str
) -> None:
    answer = client.post(f"/setup?code={code}", data={"name": name, "password": password})
    assert answer.status_code == 400
    assert f'id="{field}-fault"' in answer.text
    assert password not in answer.text or not password
    assert client.get(f"/setup?code={code}").status_code == 200


@pytest.mark.parametrize("host", ["[::1", "[", ":", "a:b:c"])
def test_an_account_is_made_whatever_the_host_is_called(client: FlaskClient, code: str, host: str) -> None:
    form = {"name": "ada", "password": PASSWORD}
    assert client.post(f"/setup?code={code}", data=form, headers={"Host": host}).status_code == 303


def test_without_the_code_nobody_makes_an_account(client: FlaskClient, runtime: Runtime, code: str) -> None:
    for wrong in ("", code[:-1], "x" * 5000, "\0"):
        assert client.get("/setup", query_string={"code": wrong}).status_code == 404
    add_account(runtime)
    assert client.get(f"/setup?code={code}").status_code == 404


@pytest.mark.parametrize(
    ("host", "alone"),
    [
        ("localhost:5465", True),
        ("127.0.0.1", True),
        ("[::1]:5465", True),
        ("[::1]", True),
        ("box.lan:5465", False),
        ("192.168.1.5", False),
    ],
)
def test_no_phone_is_sent_to_an_address_that_it_cannot_reach(
    client: FlaskClient, account: Account, host: str, *, alone: bool
) -> None:
    client.post("/login", data={"name": account.name, "password": PASSWORD}, base_url=f"http://{host}")
    assert ("this machine only" in client.get("/phone", base_url=f"http://{host}").text) == alone


@pytest.mark.parametrize("path", ["/login", "/trash", "/", "/?after=nonsense"])
def test_a_browser_tells_the_site_of_a_pages_forms(browser: FlaskClient, path: str) -> None:
    """Under `no-referrer` it says `Origin: null`, and over plain http nothing else: all would be refused."""
    assert browser.get(path).headers.getlist("Referrer-Policy") == ["same-origin"]


@pytest.mark.parametrize("path", ["/setup?code=x", "/pair?code=x"])
def test_a_page_with_a_code_in_its_address_tells_its_site_alone(client: FlaskClient, path: str) -> None:
    assert client.get(path).headers.getlist("Referrer-Policy") == ["strict-origin"]


def test_while_the_database_is_away_a_page_says_when_to_come_back(
    app: Flask, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away() -> None:
        raise DatabaseAway

    monkeypatch.setitem(app.view_functions, "web.login", away)
    answer = client.get("/login")
    assert (answer.status_code, answer.mimetype) == (503, "text/html")
    assert int(answer.headers["Retry-After"]) > 0
    assert "WWW-Authenticate" not in answer.headers


@pytest.mark.parametrize("host", ["a..b", "x" * 64])
def test_a_host_that_is_no_name_is_a_bad_request(client: FlaskClient, host: str) -> None:
    answer = client.get("/login", headers={"Host": host})
    assert (answer.status_code, answer.mimetype) == (400, "text/plain")


def test_static_files_are_kept_for_ever_under_an_address_that_changes_with_them(client: FlaskClient) -> None:
    page = client.get("/login").text
    [directory] = set(re.findall(r"/static-[0-9a-f]{12}/", page))
    for name, kind in (
        ("style.css", "text/css"),
        ("icon.svg", "image/svg+xml"),
        ("icons.svg", "image/svg+xml"),
        ("app.js", "text/javascript"),
    ):
        answer = client.get(directory + name)
        assert (answer.status_code, answer.mimetype) == (200, kind)
        assert "immutable" in answer.headers["Cache-Control"]
    packed = client.get(f"{directory}style.css", headers={"Accept-Encoding": "gzip"})
    assert packed.headers["Content-Encoding"] == "gzip"
    for wrong in ("/static-000000000000/style.css", f"{directory}../look.py", f"{directory}icons.LICENSE"):
        assert client.get(wrong).status_code == 404


def test_the_modules_import_only_what_stands_beside_them() -> None:
    known = {path.name for path in assets.STATIC.iterdir()}
    for path in assets.STATIC.glob("*.js"):
        for target in re.findall(r'(?:import|from)\s*\(?\s*["\']([^"\']+)', path.read_text("utf-8")):
            assert target.removeprefix("./") in known, f"{path.name} imports {target}"


def test_the_icons_that_pages_name_exist_and_no_other_does() -> None:
    sprite = (assets.STATIC / "icons.svg").read_text("utf-8")
    templates = "".join(path.read_text("utf-8") for path in (assets.STATIC.parent / "templates").iterdir())
    named = set(re.findall(r'icon\("([a-z0-9-]+)"\)', templates))
    drawn = set(re.findall(r'<symbol id="([a-z0-9-]+)"', sprite))
    assert named
    assert named <= drawn
    idle = {each for each in drawn if f'"{each}"' not in templates}
    assert not idle, "each is a part of every first load"
