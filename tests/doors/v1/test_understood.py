"""How a search was read is told wherever one is sent, and what was misread changes nothing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import orjson
import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from linkhold.accounts.models import Account
from linkhold.doors.v1 import understood
from linkhold.links import language
from linkhold.links.models import Link


@pytest.fixture
def link(account: Account, make_link: Callable[..., Link]) -> Link:
    return make_link(account, tags=["old"])


def bulk(client: FlaskClient, headers: dict[str, str], **body: Any) -> tuple[int, dict[str, Any]]:
    answer = client.post("/api/v1/links/bulk", json=body, headers=headers)
    return answer.status_code, answer.get_json()


@pytest.mark.parametrize("action", ["edit", "trash", "restore"])
@pytest.mark.parametrize("q", ["added:2025-13", "title:", "and", "#old (", '""', "x" * 2001])
def test_a_search_that_is_misread_changes_nothing(
    client: FlaskClient, session: Session, authorized: dict[str, str], link: Link, action: str, q: str
) -> None:
    tags = {"add_tags": ["oops"]} if action == "edit" else {}
    status, problem = bulk(client, authorized, action=action, q=q, **tags)
    remarks = list(language.parse(q).remarks)
    assert (status, [fault["detail"] for fault in problem["errors"]]) == (400, remarks)
    assert remarks[0] in problem["detail"]
    kept = session.get_one(Link, (link.owner_id, link.id), populate_existing=True)
    assert (kept.tags, kept.trashed_at) == (["old"], None)


def test_an_action_on_what_a_search_finds_says_how_it_was_read(
    client: FlaskClient, authorized: dict[str, str], link: Link
) -> None:
    status, done = bulk(client, authorized, action="edit", q="#OLD  -is:read", add_tags=["new"])
    assert (status, done["understood"], done["remarks"]) == (200, "#old and not is:read", [])
    status, done = bulk(client, authorized, action="edit", ids=[link.id], add_tags=["newer"])
    assert (status, done["understood"], done["remarks"], done["links"]) == (200, None, [], 1)


def test_beside_a_stream_stands_how_the_search_was_read(
    client: FlaskClient, authorized: dict[str, str]
) -> None:
    headers = authorized | {"Accept": "application/x-ndjson"}
    answer = client.get("/api/v1/links?q=東京 added:never", headers=headers)
    assert orjson.loads(answer.headers["Linkhold-Understood"]) == "東京"
    assert orjson.loads(answer.headers["Linkhold-Remarks"]) == list(language.parse("added:never").remarks)
    plain = client.get("/api/v1/links?q=%23old", headers=headers)
    assert (plain.headers["Linkhold-Understood"], plain.headers["Linkhold-Remarks"]) == ('"#old"', "[]")


@pytest.mark.parametrize(
    "typed", ["東 " * 600, " ".join(f"added:{number}x" for number in range(90)), "added:" + "é" * 1990]
)
def test_what_is_said_in_headers_is_short_and_readable_however_long_the_search(typed: str) -> None:
    for value in understood.headers(language.parse(typed)).values():
        assert value.isascii()
        assert len(value) <= understood.LONGEST_HEADER + 10
        orjson.loads(value)
