"""The tutorial's question: is it open to SQL injection? Every parameter of every route is tried.

A statement that was injected would show: the canary's number would change, a table would be gone,
another person's words would be in an answer, or the server would fail on the broken syntax.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text
from werkzeug.routing import Rule

from conftest import PASSWORD, MakeAccount
from doors import injected
from linkhold.accounts import administration, sessions
from linkhold.accounts.models import Account
from linkhold.doors import identify
from linkhold.doors.v1.openapi import Operation
from linkhold.links.models import Link
from linkhold.runtime import Runtime

STRINGS = [
    "'",
    '"',
    "\\",
    "' OR '1'='1",
    "1 OR 1=1",
    "'); DROP TABLE links; --",
    "'; UPDATE canary SET sung = sung + 1; --",
    "1; UPDATE canary SET sung = sung + 1",
    "' UNION SELECT notes FROM links --",
    "'||(SELECT sing())||'",
    "(SELECT sing())",
    "%(owner_id)s",
    ":owner_id",
    "$1",
    "%s",
    "{}",
    "';SELECT pg_sleep(30)--",
    "\\'; UPDATE canary SET sung = sung + 1; --",
    "/**/UNION/**/SELECT/**/1",
]
SECRET_WORDS = "the notes of somebody else"
TEXTS = ("title", "description", "notes")


@pytest.fixture(autouse=True)
def canary(runtime: Runtime, make_account: Callable[..., Account], make_link: Callable[..., Link]) -> None:
    """Put up what an injected statement would change or tell."""
    make_link(make_account(), "https://secret.example/", notes=SECRET_WORDS)
    with runtime.transaction() as session:
        session.execute(text("CREATE TABLE canary (sung int)"))
        session.execute(text("INSERT INTO canary VALUES (0)"))
        session.execute(
            text(
                "CREATE FUNCTION sing() RETURNS text LANGUAGE sql"
                " AS 'UPDATE canary SET sung = 1 RETURNING sung'"
            )
        )


def is_silent(runtime: Runtime) -> bool:
    with runtime.reading() as session:
        tables = ", ".join(f"to_regclass('{name}') IS NOT NULL" for name in ("links", "accounts", "changes"))
        row = session.execute(text(f"SELECT sung, {tables} FROM canary")).one()
    return tuple(row) == (0, True, True, True)


class Visitors:
    """Those who are logged in; there is another one when the last one left, or was thrown out."""

    def __init__(self, runtime: Runtime, make_account: MakeAccount, make_link: Callable[..., Link]) -> None:
        self._runtime, self._make_account, self._make_link = runtime, make_account, make_link
        self.come()

    def come(self) -> None:
        """Log a new person in, who has a link and may administrate."""
        self.account = self._make_account()
        self.link = self._make_link(self.account, tags=["b"])
        with self._runtime.transaction() as session:
            administration.set_administrator(session, self.account.id, value=True)
            self.cookie = sessions.start(session, self.account.id, user_agent="", address="")


def _described(app: Flask, rule: Rule) -> Operation | None:
    return getattr(app.view_functions[rule.endpoint], "operation", None)


def test_no_form_is_forgotten(app: Flask) -> None:
    assert set(injected.FORMS) == injected.pages_with_forms(app)


@pytest.fixture
def visitors(runtime: Runtime, make_account: MakeAccount, make_link: Callable[..., Link]) -> Visitors:
    return Visitors(runtime, make_account, make_link)


@pytest.mark.parametrize("value", STRINGS)
def test_no_parameter_of_any_route_reaches_a_statement(
    app: Flask,
    runtime: Runtime,
    account: Account,
    visitors: Visitors,
    make_token: Callable[..., str],
    value: str,
) -> None:
    client, token = app.test_client(use_cookies=False), make_token(account)
    # It leads to the page where one logs in, whoever asks.
    inside = {"web.logout"}
    # HEAD runs what GET runs.
    rules = [(rule, (rule.methods or set()) - {"HEAD"}) for rule in app.url_map.iter_rules()]
    routes = [(rule, method) for rule, methods in rules for method in sorted(methods)]
    for rule, method in routes:
        is_page = rule.endpoint.startswith("web.")
        real, spoiled = injected.paths(rule, visitors.link, value)
        for path in (real, *spoiled):
            sending = (
                injected.to_page(rule, method, value, visitors)
                if is_page
                else injected.to_program(_described(app, rule), method, value, token)
            )
            # A path is read before all else: one request shows what becomes of the string in it.
            for sent in sending if path == real else list(sending)[-1:]:
                answer = client.open(path, method=method, **sent)
                assert answer.status_code < 500, (method, path, sent, answer.text)
                assert SECRET_WORDS not in answer.text, (method, path, sent)
                if injected.is_inside(answer):
                    inside.add(rule.endpoint)
                elif is_page:
                    visitors.come()
    assert inside >= set(app.view_functions) - identify.OPEN, "nobody who is known asked for these"
    assert is_silent(runtime)


@pytest.mark.parametrize("value", STRINGS)
def test_an_injection_string_is_kept_as_the_text_that_it_is(
    client: FlaskClient, authorized: dict[str, str], runtime: Runtime, value: str
) -> None:
    url = f"https://example.com/?q={value}"
    body = {"url": url} | dict.fromkeys(TEXTS, value)
    saved = client.post("/api/v1/links", json=body, headers=authorized)
    assert saved.status_code == 201
    got = client.get(f"/api/v1/links/{saved.get_json()['id']}", headers=authorized).get_json()
    assert got["url"] == url
    assert [got[name] for name in TEXTS] == [value] * 3
    assert client.get("/links", headers=authorized).get_json() == [url]
    assert is_silent(runtime)


def test_the_canary_would_have_sung(runtime: Runtime) -> None:
    """A statement that is built out of strings is what the strings above are made for."""
    value = STRINGS[STRINGS.index("'||(SELECT sing())||'")]
    with runtime.transaction() as session:
        session.execute(text(f"SELECT '{value}'"))
    assert not is_silent(runtime)


def test_a_wrong_password_that_is_an_injection_lets_nobody_in(client: FlaskClient, account: Account) -> None:
    for value in STRINGS[:8]:
        assert client.get("/links", auth=(account.name, value)).status_code in {401, 429}
        assert client.get("/links", auth=(f"{account.name}{value}", PASSWORD)).status_code in {401, 429}
