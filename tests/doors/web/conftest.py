"""A browser at the pages."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from conftest import PASSWORD
from linkhold.accounts import accounts, feeds
from linkhold.accounts.models import Account
from linkhold.links.models import Link
from linkhold.runtime import Runtime


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


@pytest.fixture
def public(runtime: Runtime, account: Account) -> Account:
    """Return `account` with its public page open."""
    with runtime.transaction() as session:
        accounts.set_public(session, account.id, public=True)
    return account


@pytest.fixture
def make_feed(runtime: Runtime, account: Account) -> Callable[..., str]:
    """Return a function that makes a private feed of `account` and returns its path."""

    def make(query: str = "", name: str = "Mine") -> str:
        with runtime.transaction() as session:
            _, secret = feeds.issue(session, account.id, name=name, query=query, longest=2000)
        return f"/feed/{secret}/atom.xml"

    return make
