"""A browser at the pages."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient

from conftest import PASSWORD
from linkhold.accounts.models import Account


@pytest.fixture
def browser(client: FlaskClient, account: Account) -> FlaskClient:
    """Return a client that is logged in as `account`."""
    answer = client.post("/login", data={"name": account.name, "password": PASSWORD})
    assert answer.status_code == 303
    return client
