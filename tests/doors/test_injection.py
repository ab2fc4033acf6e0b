"""The tutorial's question: is it open to SQL injection? Every parameter of every route is tried.

A statement that was injected would show: the canary's number would change, a table would be gone,
another person's words would be in an answer, or the server would fail on the broken syntax.
"""

from __future__ import annotations

import base64
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text
from werkzeug.routing import Rule

from conftest import PASSWORD
from linkhold.accounts.models import Account
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


def paths(rule: Rule, link: Link, value: str) -> list[str]:
    """Return the paths of a rule, with the string in each of its arguments, and a real one."""
    path = rule.rule
    for argument in rule.arguments:
        path = path.replace(f"<id:{argument}>", "{}").replace(f"<{argument}>", "{}")
    many = len(rule.arguments)
    return list({path.format(*[each] * many) for each in (value, f"{link.id}{value}", link.id)})


def bodies(described: Operation | None, value: str) -> list[dict[str, Any]]:
    """Return bodies that a route reads, each with the string in another of its fields."""
    if described is None or described.body is None:
        return [{"url": value}, {"url": "https://a.example/", value: value}]
    (example,) = described.body.model_json_schema()["examples"]
    return [
        example | {name: [value] if isinstance(example.get(name), list) else value}
        for name in (*described.body.model_fields, value)
    ]


def variations(described: Operation | None, value: str, token: str) -> list[dict[str, Any]]:
    """Return what is sent with a request: the string in each header, parameter, field and cookie."""
    bearer = {"Authorization": f"Bearer {token}"}
    basic = base64.b64encode(f"{value}:{value}".encode()).decode()
    form = dict.fromkeys(("url", "title", "tags", "name", "password", "code", "next"), value)
    fields = described.query.model_fields if described is not None and described.query else ()
    query = dict.fromkeys((*fields, "code", "next", "before", "link", "done"), value)
    return [
        *({"json": body, "headers": bearer} for body in bodies(described, value)),
        {"query_string": query, "headers": bearer},
        *({"query_string": {name: value}, "headers": bearer} for name in query),
        {"data": form, "headers": bearer},
        {"data": value, "content_type": "application/json", "headers": bearer},
        {"headers": {"Authorization": f"Basic {basic}"}},
        {"headers": {"Authorization": f"Bearer {token}{value}"}},
        {"headers": {"Authorization": f"Bearer lh_1{value}_{'0' * 40}"}},
        {"headers": {"Cookie": f'linkhold_session="{value}"'}},
        {
            "json": {"url": "https://a.example/"},
            "headers": bearer
            | dict.fromkeys(
                ("Idempotency-Key", "Prefer", "X-Request-Id", "If-Match", "If-None-Match", "Accept"), value
            ),
        },
    ]


@pytest.mark.parametrize("value", STRINGS)
def test_no_parameter_of_any_route_reaches_a_statement(
    app: Flask,
    client: FlaskClient,
    runtime: Runtime,
    account: Account,
    make_link: Callable[..., Link],
    make_token: Callable[..., str],
    value: str,
) -> None:
    token = make_token(account)
    link = make_link(account)
    for rule in app.url_map.iter_rules():
        described = getattr(app.view_functions[rule.endpoint], "operation", None)
        for path in paths(rule, link, value):
            for sent in variations(described, value, token):
                for method in rule.methods or ():
                    answer = client.open(path, method=method, **sent)
                    assert answer.status_code < 500, (method, path, sent, answer.text)
                    assert SECRET_WORDS not in answer.text, (method, path, sent)
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
