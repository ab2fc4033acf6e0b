"""The door `/api/v1`: unhappy paths first, then each operation."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from linkhold.accounts.models import Account
from linkhold.links.models import Link

Headers = dict[str, str]
URL = "https://example.com/"


def problem(answer: TestResponse, status: int, name: str) -> dict[str, Any]:
    """Return the problem document of an answer that must be one."""
    assert answer.status_code == status, answer.data
    assert answer.mimetype == "application/problem+json"
    document: dict[str, Any] = answer.get_json()
    assert document["type"] == f"urn:linkhold:problem:{name}"
    assert document["status"] == status
    assert document["request_id"] == answer.headers["X-Request-Id"]
    assert document["title"]
    assert document["detail"]
    return document


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "url"),
        ({"url": 7}, "url"),
        ({"url": ""}, "url"),
        ({"url": "no link"}, "url"),
        ({"url": "https://" + "a" * 9000}, "url"),
        ({"url": URL, "title": None}, "title"),
        ({"url": URL, "title": "x" * 3000}, "title"),
        ({"url": URL, "notes": "a\0"}, "notes"),
        ({"url": URL, "tags": "a,b"}, "tags"),
        ({"url": URL, "tags": ["a", 1]}, "tags.1"),
        ({"url": URL, "tags": ["a,b"]}, "tags"),
        ({"url": URL, "unread": "yes"}, "unread"),
        ({"url": URL, "titel": "misspelt"}, "titel"),
    ],
)
def test_a_draft_that_is_wrong_names_the_field(
    client: FlaskClient, authorized: Headers, body: dict[str, Any], field: str
) -> None:
    answer = client.post("/api/v1/links", json=body, headers=authorized)
    assert answer.status_code == 400
    assert answer.json is not None
    assert [fault["field"] for fault in answer.json["errors"]] == [field]


def test_every_fault_of_a_draft_is_told_at_once(client: FlaskClient, authorized: Headers) -> None:
    answer = client.post("/api/v1/links", json={"title": 1, "unread": 2}, headers=authorized)
    document = problem(answer, 400, "bad-input")
    assert {fault["field"] for fault in document["errors"]} == {"url", "title", "unread"}


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"nonsense", b'{"url": "\xff"}'])
def test_a_body_that_is_no_json_object_is_400(client: FlaskClient, authorized: Headers, body: bytes) -> None:
    answer = client.post("/api/v1/links", data=body, content_type="application/json", headers=authorized)
    problem(answer, 400, "bad-input")


def test_a_body_of_another_type_is_415(client: FlaskClient, authorized: Headers) -> None:
    problem(client.post("/api/v1/links", data={"url": URL}, headers=authorized), 415, "unsupported-media")


def test_a_body_over_the_limit_is_413_and_says_which_limit(client: FlaskClient, authorized: Headers) -> None:
    body = b'{"url": "' + b"a" * 5_000_000 + b'"}'
    answer = client.post("/api/v1/links", data=body, content_type="application/json", headers=authorized)
    assert "LINKHOLD_MAX_BODY_SIZE" in problem(answer, 413, "request-entity-too-large")["detail"]


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/api/v1/nothing", 404),
        ("GET", "/api/v1/links/0", 404),
        ("GET", "/api/v1/links/-1", 404),
        ("GET", "/api/v1/links/1.5", 404),
        ("GET", "/api/v1/links/99999999999999999999", 404),
        ("GET", "/api/v1/links/9223372036854775807", 404),
        ("DELETE", "/api/v1/links/12345", 404),
        ("POST", "/api/v1/links/12345/restore", 404),
        ("PUT", "/api/v1/links/1", 405),
        ("GET", "/api/v1/links/1/restore", 405),
        ("GET", "/api/v1/links?limit=0", 400),
        ("GET", "/api/v1/links?limit=1001", 400),
        ("GET", "/api/v1/links?limit=ten", 400),
        ("GET", "/api/v1/links?cursor=nonsense", 400),
        ("GET", "/api/v1/links?limmit=1", 400),
    ],
)
def test_what_is_asked_wrongly_is_a_problem_document(
    client: FlaskClient, authorized: Headers, method: str, path: str, status: int
) -> None:
    answer = client.open(path, method=method, headers=authorized)
    assert (answer.status_code, answer.mimetype) == (status, "application/problem+json")


def test_saving_answers_201_and_saving_again_200_with_the_merged_link(
    client: FlaskClient, authorized: Headers
) -> None:
    first = client.post("/api/v1/links", json={"url": URL, "tags": ["a"]}, headers=authorized)
    again = client.post("/api/v1/links", json={"url": URL, "tags": ["b"]}, headers=authorized)
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json is not None
    assert again.json is not None
    assert again.json["id"] == first.json["id"]
    assert again.json["tags"] == ["a", "b"]
    assert first.json["created_at"].endswith("Z")


def test_a_repeated_key_gets_the_first_answer_byte_for_byte(client: FlaskClient, authorized: Headers) -> None:
    headers = authorized | {"Idempotency-Key": "k-1"}
    first = client.post("/api/v1/links", json={"url": URL}, headers=headers)
    assert first.json is not None
    client.delete(f"/api/v1/links/{first.json['id']}", headers=authorized)
    again = client.post("/api/v1/links", json={"url": URL}, headers=headers)
    assert (again.status_code, again.data) == (201, first.data)
    other = client.post("/api/v1/links", json={"url": "https://other.example/"}, headers=headers)
    problem(other, 422, "key-reused")


def test_a_refused_save_does_not_use_its_key_up(client: FlaskClient, authorized: Headers) -> None:
    headers = authorized | {"Idempotency-Key": "k-1"}
    assert client.post("/api/v1/links", json={"url": "no"}, headers=headers).status_code == 400
    assert client.post("/api/v1/links", json={"url": URL}, headers=headers).status_code == 201


def test_a_link_is_got_edited_trashed_and_restored(client: FlaskClient, authorized: Headers) -> None:
    saved = client.post("/api/v1/links", json={"url": URL, "title": "A"}, headers=authorized).get_json()
    path = f"/api/v1/links/{saved['id']}"
    assert client.get(path, headers=authorized).get_json() == saved
    edited = client.patch(path, json={"title": None, "unread": True}, headers=authorized).get_json()
    assert (edited["title"], edited["unread"], edited["url"]) == ("", True, URL)
    assert client.delete(path, headers=authorized).status_code == 204
    assert client.get(path, headers=authorized).get_json()["trashed_at"] is not None
    problem(client.patch(path, json={"title": "B"}, headers=authorized), 409, "conflict")
    assert client.post(f"{path}/restore", headers=authorized).get_json()["trashed_at"] is None


@pytest.mark.parametrize("field", ["url", "unread", "archived", "shared"])
@pytest.mark.parametrize("content_type", ["application/json", "application/merge-patch+json"])
def test_null_is_refused_for_what_is_never_blank(
    client: FlaskClient,
    authorized: Headers,
    account: Account,
    make_link: Callable[..., Link],
    field: str,
    content_type: str,
) -> None:
    link = make_link(account, unread=True)
    body = json.dumps({field: None, "title": "changed"})
    answer = client.patch(
        f"/api/v1/links/{link.id}", data=body, content_type=content_type, headers=authorized
    )
    assert problem(answer, 400, "bad-input")["errors"][0]["field"] == field
    assert client.get(f"/api/v1/links/{link.id}", headers=authorized).get_json()["title"] == ""


@pytest.mark.parametrize("field", ["name", "query", "position"])
def test_null_is_refused_for_a_saved_search(client: FlaskClient, authorized: Headers, field: str) -> None:
    kept = client.post("/api/v1/searches", json={"name": "a", "query": "b"}, headers=authorized).get_json()
    path = f"/api/v1/searches/{kept['id']}"
    problem(client.patch(path, json={field: None}, headers=authorized), 400, "bad-input")
    assert client.patch(path, json={"query": "c"}, headers=authorized).get_json() == kept | {"query": "c"}


@pytest.mark.parametrize("field", ["language", "time_zone", "appearance"])
def test_null_makes_a_preference_blank(client: FlaskClient, authorized: Headers, field: str) -> None:
    value = {"language": "de", "time_zone": "Europe/Berlin", "appearance": "dark"}[field]
    assert client.patch("/api/v1/account", json={field: value}, headers=authorized).get_json()[field] == value
    assert client.patch("/api/v1/account", json={field: None}, headers=authorized).get_json()[field] == ""


def test_the_list_is_paged_newest_first(
    client: FlaskClient, authorized: Headers, account: Account, make_link: Callable[..., Link]
) -> None:
    ids = [make_link(account).id for _ in range(5)]
    seen: list[int] = []
    path = "/api/v1/links?limit=2"
    while path:
        page = client.get(path, headers=authorized).get_json()
        seen += [link["id"] for link in page["links"]]
        path = f"/api/v1/links?limit=2&cursor={page['next']}" if page["next"] else ""
    assert seen == ids[::-1]


def test_a_token_may_do_what_its_scopes_say(
    client: FlaskClient, account: Account, make_token: Callable[..., str]
) -> None:
    reader = {"Authorization": f"Bearer {make_token(account, 'read')}"}
    writer = {"Authorization": f"Bearer {make_token(account, 'write')}"}
    assert client.get("/api/v1/links", headers=reader).status_code == 200
    problem(client.post("/api/v1/links", json={"url": URL}, headers=reader), 403, "scope-missing")
    assert client.post("/api/v1/links", json={"url": URL}, headers=writer).status_code == 201
    problem(client.get("/api/v1/links", headers=writer), 403, "scope-missing")


def test_another_accounts_link_is_as_if_it_were_not(
    client: FlaskClient,
    authorized: Headers,
    make_account: Callable[..., Account],
    make_link: Callable[..., Link],
) -> None:
    path = f"/api/v1/links/{make_link(make_account()).id}"
    for answer in (
        client.get(path, headers=authorized),
        client.patch(path, json={"title": "x"}, headers=authorized),
        client.delete(path, headers=authorized),
        client.post(f"{path}/restore", headers=authorized),
    ):
        problem(answer, 404, "not-found")
