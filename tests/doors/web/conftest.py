"""A browser at the pages."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from conftest import PASSWORD
from linkhold.accounts.models import Account
from linkhold.links.models import Link


@pytest.fixture
def browser(client: FlaskClient, account: Account) -> FlaskClient:
    """Return a client that is logged in as `account`."""
    answer = client.post("/login", data={"name": account.name, "password": PASSWORD})
    assert answer.status_code == 303
    return client


@pytest.fixture
def fresh(session: Session) -> Callable[[Link], Link]:
    """Return a function that returns a link as it is in the library by now."""

    def read(link: Link) -> Link:
        session.expire_all()
        return session.get_one(Link, (link.owner_id, link.id))

    return read
