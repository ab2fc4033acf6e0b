"""Requests with a string in each of their places: what `test_injection` sends to every route."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from typing import Any, Protocol

from flask import Flask
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from conftest import PASSWORD
from linkhold.accounts.models import Account
from linkhold.doors.identify import COOKIE, SAFE_METHODS
from linkhold.doors.v1.openapi import Operation
from linkhold.links.models import Link

URL = "https://a.example/"
LINK = {"url": URL, "title": "a", "tags": "b", "description": "c", "notes": "d"}
NAMED = {"name": "a", "query": "b"}
# The fields of each form, with values that lead as far as they can; {name} and {link} are those of whom
# it is sent for. A test sees that no page with a form is missing here.
FORMS: dict[str, dict[str, str]] = {
    "web.change_preferences": {
        "language": "de",
        "time_zone": "Europe/Berlin",
        "appearance": "dark",
        "quiet_keys": "1",
        "trash_days": "30",
    },
    "web.change_password": {"current": PASSWORD, "new": "another horse"},
    "web.end_browsers": {},
    "web.end_browser": {},
    "web.add_token": {"name": "a", "scopes": "read", "lifetime": "30"},
    "web.revoke_token": {},
    "web.save": {**LINK, "back": "/?q=a"},
    "web.save_new_link": {**LINK, "unread": "1", "auto_close": ""},
    "web.setup": {"code": "a", "name": "a", "password": PASSWORD},
    "web.login": {"name": "{name}", "password": PASSWORD, "next": "/"},
    "web.logout": {},
    "web.make_code": {"device": "a"},
    "web.set_up_here": {"device": "a"},
    "web.pair": {"code": "a", "device": "b"},
    "web.invite": {"label": "a", "days": "7"},
    "web.withdraw_invitation": {},
    "web.set_administrator": {"yes": "1"},
    "web.remove_account": {"name": "a"},
    "web.set_public": {"public": "1"},
    "web.add_feed": NAMED,
    "web.revoke_feed": {},
    "web.make_link": {"url": URL},
    "web.make_note": {"url": URL},
    "web.trash_item": {},
    "web.restore_item": {},
    "web.redo_text": {},
    "web.undo_text": {},
    "web.receive": {"text": "a", "url": URL, "title": "b"},
    "web.leave": {"name": "{name}", "password": PASSWORD},
    "web.change_many": {"act": "tag", "tags": "a", "all": "1", "q": "a", "ids": "{link}", "back": "/"},
    "web.undo_batch": {"back": "/"},
    "web.edit_link": {**LINK, "version": "1", "back": "/"},
    "web.set_state": {"set": "read", "back": "/"},
    "web.trash_link": {"back": "/"},
    "web.restore_link": {"back": "/"},
    "web.undo_change": {"back": "/"},
    "web.keep_search": NAMED,
    "web.change_search": {**NAMED, "position": "0"},
    "web.forget_search": {},
    "web.rename_tag": {"tag": "b", "name": "c"},
    "web.merge_tags": {"tags": "b", "into": "c"},
    "web.delete_tag": {"tag": "b"},
    "web.empty_trash": {"sure": "1"},
    "web.merge_duplicates": {"keep": "{link}", "ids": "{link}"},
}
ASKED = (
    *("q", "after", "before", "typed", "of", "tag", "back", "next", "code", "said", "done", "left"),
    *("url", "title", "name", "query", "gone", "trashed"),
)
"""What pages read from their addresses."""
HEADERS = ("Idempotency-Key", "Prefer", "X-Request-Id", "If-Match", "If-None-Match", "Accept")

Sent = list[dict[str, Any]]


def pages_with_forms(app: Flask) -> set[str]:
    """Return the pages to which a form can be sent."""
    return {
        rule.endpoint
        for rule in app.url_map.iter_rules()
        if rule.endpoint.startswith("web.") and "POST" in (rule.methods or ())
    }


def paths(rule: Rule, link: Link, value: str) -> tuple[str, list[str]]:
    """Return a real path of a rule, and its paths with the string in each of their arguments."""
    path = rule.rule
    for argument in rule.arguments:
        path = path.replace(f"<id:{argument}>", "{}").replace(f"<{argument}>", "{}")
    many = len(rule.arguments)
    real, *spoiled = [path.format(*[each] * many) for each in (link.id, value, f"{link.id}{value}")]
    return real, spoiled if many else []


class Visitor(Protocol):
    """Somebody who is logged in: it may be another one at each request."""

    account: Account
    link: Link
    cookie: str


def to_page(rule: Rule, method: str, value: str, visitor: Visitor) -> Iterator[dict[str, Any]]:
    """Yield what the browser of a visitor sends: the string in each field, parameter and header.

    The last is somebody's who is logged in, with nothing wrong in a form.
    """
    if method in SAFE_METHODS:
        yield {"headers": {"Cookie": f'{COOKIE}="{value}"'}}
        yield {"headers": {"Cookie": f"{COOKIE}={visitor.cookie}{value}"}}
        yield {
            "headers": _inside(visitor) | dict.fromkeys((*HEADERS, "Accept-Language", "User-Agent"), value)
        }
        for name in ASKED:
            yield {"query_string": {name: value}, "headers": _inside(visitor)}
        return
    for name in FORMS[rule.endpoint]:
        yield {"data": _form(rule, visitor) | {name: value}, "headers": _inside(visitor)}
    yield {"data": dict.fromkeys(FORMS[rule.endpoint], value), "headers": _inside(visitor)}
    yield {"data": _form(rule, visitor), "headers": _inside(visitor)}


def _inside(visitor: Visitor) -> dict[str, str]:
    return {"Cookie": f"{COOKIE}={visitor.cookie}"}


def _form(rule: Rule, visitor: Visitor) -> dict[str, str]:
    fields = FORMS[rule.endpoint]
    return {
        key: field.format(name=visitor.account.name, link=visitor.link.id) for key, field in fields.items()
    }


def to_program(described: Operation | None, method: str, value: str, token: str) -> Sent:
    """Return what a program sends: the string in each header, parameter and field of the body.

    The last is somebody's who is known.
    """
    bearer = {"Authorization": f"Bearer {token}"}
    basic = base64.b64encode(f"{value}:{value}".encode()).decode()
    fields = described.query.model_fields if described is not None and described.query else ()
    sent: Sent = [
        {"query_string": dict.fromkeys(fields, value), "headers": bearer},
        *({"query_string": {name: value}, "headers": bearer} for name in fields),
        {"headers": {"Authorization": f"Basic {basic}"}},
        {"headers": {"Authorization": f"Bearer {token}{value}"}},
        {"headers": {"Authorization": f"Bearer lh_1{value}_{'0' * 40}"}},
    ]
    if method in SAFE_METHODS:
        return [*sent, {"headers": bearer | dict.fromkeys(HEADERS, value)}]
    return [
        *sent,
        *({"json": body, "headers": bearer} for body in _bodies(described, value)),
        {"data": {name: value for form in FORMS.values() for name in form}, "headers": bearer},
        {"data": value, "content_type": "application/json", "headers": bearer},
        {"json": {"url": URL}, "headers": bearer | dict.fromkeys(HEADERS, value)},
    ]


def _bodies(described: Operation | None, value: str) -> list[dict[str, Any]]:
    """Return bodies that a route reads, each with the string in another of its fields."""
    if described is None or described.body is None:
        return [{"url": value}, {"url": URL, value: value}]
    (example,) = described.body.model_json_schema()["examples"]
    return [
        example | {name: [value] if isinstance(example.get(name), list) else value}
        for name in (*described.body.model_fields, value)
    ]


def is_inside(answer: TestResponse) -> bool:
    """Tell whether an answer is one to somebody who is known."""
    return answer.status_code not in {401, 403} and "/login" not in answer.headers.get("Location", "")
