"""The door `/links`: what a client that was written for the tutorial relies on."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select

from conftest import PASSWORD
from linkhold.accounts.models import Account
from linkhold.doors import tutorial
from linkhold.errors import DatabaseAway
from linkhold.links import trash
from linkhold.links.changes import Origin
from linkhold.links.models import Link
from linkhold.runtime import Runtime

Headers = dict[str, str]


def stored(runtime: Runtime) -> int:
    with runtime.reading() as session:
        return session.scalar(select(func.count()).select_from(Link)) or 0


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (b"", None),
        (b"", "application/json"),
        (b"{", "application/json"),
        (b"[1]", "application/json"),
        (b'"https://example.com/"', "application/json"),
        (b"null", "application/json"),
        (b"{}", "application/json"),
        (b'{"url": null}', "application/json"),
        (b'{"url": 7}', "application/json"),
        (b'{"url": ["https://example.com/"]}', "application/json"),
        (b'{"url": ""}', "application/json"),
        (b'{"url": "example"}', "application/json"),
        (b'{"url": "javascript:alert(1)"}', "application/json"),
        (b'{"url": "https://example.com/\\u0000"}', "application/json"),
        (b'{"url": "https://example.com/\\ud800"}', "application/json"),
        (b'{"url": "\xff"}', "application/json"),
        (b"[" * 100_000, "application/json"),
        (b'{"url": "https://example.com/"}', "text/plain"),
        (b"url=https://example.com/", "application/x-www-form-urlencoded"),
    ],
)
def test_what_cannot_be_a_link_is_400_and_nothing_is_stored(
    client: FlaskClient, runtime: Runtime, authorized: Headers, body: bytes, content_type: str | None
) -> None:
    answer = client.post("/links", data=body, content_type=content_type, headers=authorized)
    assert answer.status_code == 400
    assert answer.mimetype == "application/problem+json"
    assert answer.json is not None
    assert answer.json["detail"]
    assert stored(runtime) == 0


def test_there_are_none_at_first(client: FlaskClient, authorized: Headers) -> None:
    answer = client.get("/links", headers=authorized)
    assert (answer.status_code, answer.mimetype, answer.data) == (200, "application/json", b"[]")


def test_a_post_answers_the_whole_array_the_oldest_first(client: FlaskClient, authorized: Headers) -> None:
    client.post("/links", json={"url": "https://one.example/"}, headers=authorized)
    answer = client.post("/links", json={"url": "https://two.example/"}, headers=authorized)
    assert (answer.status_code, answer.mimetype) == (200, "application/json")
    assert answer.json == ["https://one.example/", "https://two.example/"]
    assert client.get("/links", headers=authorized).json == answer.json


def test_a_token_that_may_only_write_is_answered_nothing_but_what_it_saved(
    client: FlaskClient, account: Account, make_token: Callable[..., str], authorized: Headers
) -> None:
    client.post("/links", json={"url": "https://one.example/"}, headers=authorized)
    writing = {"Authorization": f"Bearer {make_token(account, 'write')}"}
    answer = client.post("/links", json={"url": "https://two.example/"}, headers=writing)
    assert (answer.status_code, answer.json) == (200, ["https://two.example/"])
    assert client.get("/links", headers=writing).status_code == 403


def test_the_same_link_twice_is_one(client: FlaskClient, authorized: Headers) -> None:
    client.post("/links", json={"url": "https://one.example/"}, headers=authorized)
    answer = client.post("/links", json={"url": "https://one.example/"}, headers=authorized)
    assert (answer.status_code, answer.json) == (200, ["https://one.example/"])


def test_a_client_that_prefers_it_gets_no_list(
    client: FlaskClient, authorized: Headers, runtime: Runtime
) -> None:
    answer = client.post(
        "/links",
        json={"url": "https://one.example/"},
        headers=authorized | {"Prefer": "respond-async, Return=Minimal; x=1"},
    )
    assert (answer.status_code, answer.data) == (204, b"")
    assert answer.headers["Preference-Applied"] == "return=minimal"
    assert stored(runtime) == 1


@pytest.mark.parametrize(
    ("prefer", "status"),
    [
        ('return="minimal"', 204),
        ("return = minimal", 204),
        ("return=minimal, return=representation", 204),
        ("return=representation, return=minimal", 200),
        ("return", 200),
        ("returns=minimal", 200),
        ('x="return=minimal"', 200),
    ],
)
def test_a_preference_is_read_as_its_standard_has_it(
    client: FlaskClient, authorized: Headers, prefer: str, status: int
) -> None:
    """RFC 7240, 2: a value may stand in quotes, and of several the first counts."""
    sent = authorized | {"Prefer": prefer}
    assert client.post("/links", json={"url": "https://a.example/"}, headers=sent).status_code == status


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"])
def test_any_other_method_is_405_with_allow(client: FlaskClient, authorized: Headers, method: str) -> None:
    answer = client.open("/links", method=method, headers=authorized)
    assert answer.status_code == 405
    assert set(answer.headers["Allow"].split(", ")) == {"GET", "HEAD", "POST"}
    assert answer.mimetype == "application/problem+json"


def test_without_credentials_it_is_401_and_says_how(client: FlaskClient, runtime: Runtime) -> None:
    for answer in (client.get("/links"), client.post("/links", json={"url": "https://one.example/"})):
        assert answer.status_code == 401
        assert [value.split()[0] for value in answer.headers.getlist("WWW-Authenticate")] == [
            "Bearer",
            "Basic",
        ]
    assert stored(runtime) == 0


def test_basic_with_password_or_with_a_token_as_password(
    client: FlaskClient, account: Account, make_token: Callable[..., str]
) -> None:
    assert client.get("/links", auth=(account.name, PASSWORD)).status_code == 200
    assert client.get("/links", auth=("anything", make_token(account))).status_code == 200
    assert client.get("/links", auth=(account.name, "wrong")).status_code == 401


def test_a_long_list_is_streamed_in_batches(
    client: FlaskClient,
    authorized: Headers,
    account: Account,
    make_link: Callable[..., Link],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(tutorial, "BATCH", 2)
    urls = [make_link(account).url for _ in range(5)]
    answer = client.get("/links", headers=authorized)
    assert answer.is_streamed
    assert answer.json == urls


def test_trashed_links_and_other_peoples_are_not_in_it(
    client: FlaskClient,
    authorized: Headers,
    account: Account,
    make_account: Callable[..., Account],
    make_link: Callable[..., Link],
    runtime: Runtime,
) -> None:
    make_link(make_account())
    link = make_link(account)
    with runtime.transaction() as session:
        trash.trash(session, account.id, link.id, origin=Origin("test"))
    assert client.get("/links", headers=authorized).json == []


def test_a_database_that_goes_away_in_the_middle_does_not_end_the_array(
    client: FlaskClient,
    authorized: Headers,
    account: Account,
    make_link: Callable[..., Link],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Half a list that looks whole would be a loss that nobody sees."""
    monkeypatch.setattr(tutorial, "BATCH", 1)
    for _ in range(3):
        make_link(account)
    answer = client.get("/links", headers=authorized, buffered=False)

    def away(*_: object, **__: object) -> None:
        raise DatabaseAway

    monkeypatch.setattr(tutorial, "_batch", away)
    with pytest.raises(DatabaseAway):
        list(answer.response)
