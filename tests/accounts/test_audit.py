"""What was done to an account can be seen by its owner, and by nobody else."""

from __future__ import annotations

import re
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import Engine, event
from sqlalchemy.orm import Session

from linkhold.accounts import accounts, audit, sessions, tokens
from linkhold.runtime import Runtime

PASSWORD = "correct horse battery"


def acts(session: Session, owner: int) -> list[tuple[str, str]]:
    return [(each.act, each.detail) for each in audit.of_account(session, owner, limit=100)]


def test_what_changes_who_gets_in_is_recorded(session: Session) -> None:
    owner = accounts.create(session, "ada", PASSWORD).id
    tokens.issue(session, owner, label="iPhone", scopes=["write"])
    tokens.revoke(session, owner, tokens.of_account(session, owner)[0].id)
    cookie = sessions.start(session, owner, user_agent="Safari", address="192.0.2.7")
    sessions.end(session, cookie)
    sessions.end(session, cookie)
    accounts.set_password(session, accounts.get(session, "ada"), "another long password")
    assert acts(session, owner)[::-1] == [
        ("account made", "administrator"),
        ("token added", "iPhone (write)"),
        ("token revoked", "iPhone"),
        ("logged in", "Safari"),
        ("logged out", "Safari"),
        ("password set", ""),
    ]


def test_a_refused_log_in_is_shown_to_the_one_it_was_aimed_at(client: FlaskClient, runtime: Runtime) -> None:
    with runtime.transaction() as session:
        ada, eve = (accounts.create(session, name, PASSWORD).id for name in ("ada", "eve"))
    wrong = {"name": "ada", "password": "wrong"}
    client.post("/login", data=wrong, environ_base={"REMOTE_ADDR": "192.0.2.7"})
    client.post("/login", data={"name": "nobody", "password": "wrong"})
    with runtime.reading() as session:
        last = audit.of_account(session, ada, limit=1)[0]
        assert (last.act, last.address) == ("log-in refused", "192.0.2.7")
        assert "log-in refused" not in dict(acts(session, eve))
    answer = client.get("/api/v1/account/audit?limit=1", auth=("ada", PASSWORD))
    page = answer.get_json()
    assert [each["act"] for each in page["acts"]] == ["log-in refused"]
    rest = client.get(f"/api/v1/account/audit?before={page['next']}", auth=("ada", PASSWORD)).get_json()
    assert [each["act"] for each in rest["acts"]] == ["account made"]
    assert rest["next"] is None


def test_a_refused_log_in_costs_the_database_the_same_whether_there_is_such_a_name(
    client: FlaskClient, runtime: Runtime, engine: Engine
) -> None:
    """Or the time until the answer would tell which names there are."""
    with runtime.transaction() as session:
        accounts.create(session, "ada", PASSWORD)
    asked: dict[str, list[str]] = {"ada": [], "eve": []}
    for name, statements in asked.items():

        def note(*about: Any, statements: list[str] = statements) -> None:
            statements.append(re.sub(r"\s+|\d+", " ", about[2]).strip())

        event.listen(engine, "before_cursor_execute", note)
        client.post("/login", data={"name": name, "password": "wrong"})
        event.remove(engine, "before_cursor_execute", note)
    assert asked["ada"] == asked["eve"]
    # The last transaction writes for either, so that its commit waits for the disk.
    assert any(each.startswith("UPDATE failed_attempts SET last_at") for each in asked["eve"][-3:])


@pytest.mark.parametrize("query", ["limit=0", "limit=1001", "before=0", "before=x", "what=ever"])
def test_a_query_that_cannot_be_meant_is_refused(client: FlaskClient, runtime: Runtime, query: str) -> None:
    with runtime.transaction() as session:
        accounts.create(session, "ada", PASSWORD)
    assert client.get(f"/api/v1/account/audit?{query}", auth=("ada", PASSWORD)).status_code == 400
