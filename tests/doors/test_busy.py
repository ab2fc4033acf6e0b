"""Somebody else holds the very rows: a request waits for them, and then says when to come back."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest
from flask.testing import FlaskClient
from sqlalchemy import text

from conftest import TestServer, add_account, add_link, add_token, make_engine
from linkhold.app import create_app
from linkhold.db import engine as engines
from linkhold.runtime import Runtime

URL = "https://held.example/"


@pytest.fixture
def impatient(
    monkeypatch: pytest.MonkeyPatch, postgres: TestServer, own_runtime: Runtime
) -> Iterator[Runtime]:
    """Wait for rows a moment only, and not ten seconds: by our word, or by the role's through a pooler."""
    monkeypatch.setattr(engines, "LOCK_MILLISECONDS", 200)
    url = own_runtime.engine.url
    with postgres.admin() as admin:
        admin.execute(f"ALTER ROLE linkhold IN DATABASE {url.database} SET lock_timeout = 200".encode())
    # An engine has the time-out that there was when it was made.
    engine = make_engine(url.render_as_string(hide_password=False))
    yield Runtime.on(engine, own_runtime.settings)
    engine.dispose()


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "/api/v1/links", {"url": URL, "title": "another"}),
        ("POST", "/save", {"url": URL, "title": "another"}),
        ("PATCH", "/api/v1/links/{id}", {"title": "another"}),
        ("DELETE", "/api/v1/links/{id}", None),
    ],
)
def test_a_link_that_is_held_is_503_with_retry_after_and_can_be_saved_later(
    impatient: Runtime, method: str, path: str, body: dict[str, str] | None
) -> None:
    runtime = impatient
    account = add_account(runtime)
    link = add_link(runtime, account, URL)
    client: FlaskClient = create_app(runtime).test_client()
    headers = {"Authorization": f"Bearer {add_token(runtime, account)}", "Accept": "application/json"}
    with runtime.transaction() as holder:
        holder.connection().exec_driver_sql("SELECT FROM links FOR UPDATE")
        answer = client.open(path.format(id=link.id), method=method, json=body, headers=headers)
        assert answer.status_code == 503, answer.text
        assert int(answer.headers["Retry-After"]) > 0
        assert "changing the same links" in answer.get_json()["detail"]
    assert client.open(path.format(id=link.id), method=method, json=body, headers=headers).status_code < 300


@pytest.mark.parametrize(
    "error",
    [
        psycopg.errors.LockNotAvailable(),
        psycopg.errors.DeadlockDetected(),
        psycopg.errors.SerializationFailure(),
    ],
)
def test_what_another_transaction_did_to_ours_is_503_with_retry_after(
    runtime: Runtime, authorized: dict[str, str], monkeypatch: pytest.MonkeyPatch, error: psycopg.Error
) -> None:
    app = create_app(runtime)

    def fail() -> None:
        with engines.translated():
            raise error

    monkeypatch.setitem(app.view_functions, "v1.list_links", fail)
    answer = app.test_client().get("/api/v1/links", headers=authorized)
    assert (answer.status_code, "Retry-After" in answer.headers) == (503, True)


def test_what_takes_too_long_is_503_and_names_the_limit(
    own_runtime: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    runtime = own_runtime
    headers = {"Authorization": f"Bearer {add_token(runtime, add_account(runtime))}"}
    app = create_app(runtime)

    def list_links() -> str:
        with runtime.transaction() as session:
            session.execute(text("SET LOCAL statement_timeout = '50ms'"))
            session.execute(text("SELECT pg_sleep(5)"))
        return "too late"

    monkeypatch.setitem(app.view_functions, "v1.list_links", list_links)
    answer = app.test_client().get("/api/v1/links", headers=headers)
    assert (answer.status_code, "Retry-After" in answer.headers) == (503, True)
    assert "LINKHOLD_STATEMENT_TIMEOUT" in answer.get_json()["detail"]
