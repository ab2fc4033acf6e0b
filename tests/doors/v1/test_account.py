"""The account through `/api/v1`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient

from linkhold.accounts.models import Account

Call = Callable[..., Any]


@pytest.fixture
def call(client: FlaskClient, authorized: dict[str, str]) -> Call:
    """Send a request, insist on its status, and return the JSON of the answer."""

    def send(method: str, path: str, status: int = 200, **sent: Any) -> Any:
        headers = authorized | sent.pop("headers", {})
        answer = client.open(f"/api/v1{path}", method=method, headers=headers, **sent)
        assert answer.status_code == status, answer.text
        return answer.get_json(silent=True)

    return send


def test_the_retention_of_the_trash_is_the_accounts(call: Call, account: Account) -> None:
    assert call("GET", "/account") == {
        "name": account.name,
        "trash_days": 30,
        "language": "",
        "time_zone": "",
        "appearance": "",
    }
    assert call("PATCH", "/account", json={"trash_days": None})["trash_days"] is None
    assert call("PATCH", "/account", json={"trash_days": 7})["trash_days"] == 7
    call("PATCH", "/account", 400, json={"trash_days": 0})


def test_the_language_is_the_accounts(call: Call) -> None:
    assert call("PATCH", "/account", json={"language": "de"})["language"] == "de"
    assert call("PATCH", "/account", json={"trash_days": 7})["language"] == "de"
    call("PATCH", "/account", 400, json={"language": "xx"})
    assert call("PATCH", "/account", json={"language": ""})["language"] == ""


def test_the_time_zone_and_the_appearance_are_the_accounts(call: Call) -> None:
    changed = call("PATCH", "/account", json={"time_zone": "Europe/Berlin", "appearance": "dark"})
    assert (changed["time_zone"], changed["appearance"]) == ("Europe/Berlin", "dark")
    problem = call("PATCH", "/account", 400, json={"time_zone": "Atlantis/Capital", "trash_days": 3})
    assert [fault["field"] for fault in problem["errors"]] == ["time_zone"]
    call("PATCH", "/account", 400, json={"appearance": "pink"})
    assert call("GET", "/account")["trash_days"] == 30, "nothing of a bad request is done"
