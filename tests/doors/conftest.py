"""What the tests of the door for shared text meet."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from doors.sent import Send
from linkhold.accounts.models import Account
from linkhold.links.models import InboxItem, KeptAnswer, Link
from linkhold.runtime import Runtime


@pytest.fixture
def send(client: FlaskClient, authorized: dict[str, str]) -> Send:
    def post(**sent: Any) -> TestResponse:
        headers = authorized | sent.pop("headers", {})
        return client.post("/save", headers=headers, **sent)

    return post


@pytest.fixture
def library(runtime: Runtime, account: Account) -> Callable[[], list[Link]]:
    def links() -> list[Link]:
        with runtime.reading() as session:
            return list(session.scalars(select(Link).where(Link.owner_id == account.id).order_by(Link.id)))

    return links


@pytest.fixture
def stored(runtime: Runtime) -> Callable[[], int]:
    """Count everything that a share could leave behind."""

    def count() -> int:
        with runtime.reading() as session:
            return sum(
                session.scalar(select(func.count()).select_from(table)) or 0
                for table in (Link, InboxItem, KeptAnswer)
            )

    return count
