"""Programs that call `/api/v1`: one of the account, and one of another."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient

from doors.v1.calls import Call
from linkhold.accounts.models import Account


@pytest.fixture
def call(client: FlaskClient, authorized: dict[str, str]) -> Call:
    """Send a request below `/api/v1`, insist on its status, and return the JSON of the answer."""

    def send(method: str, path: str, status: int = 200, *, below: str = "/api/v1", **sent: Any) -> Any:
        headers = authorized | sent.pop("headers", {})
        answer = client.open(below + path, method=method, headers=headers, **sent)
        assert answer.status_code == status, answer.text
        return answer.get_json(silent=True)

    return send


@pytest.fixture
def stranger(make_account: Callable[..., Account], make_token: Callable[..., str]) -> dict[str, str]:
    """Return the header of a token of another account."""
    return {"Authorization": f"Bearer {make_token(make_account())}"}
