"""What stands beside the search in a request for links: the trash, the order, how many."""

from __future__ import annotations

from collections.abc import Callable

import orjson
import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from conftest import ORIGIN
from linkhold.accounts.models import Account
from linkhold.doors.v1 import listing
from linkhold.links import trash
from linkhold.links.models import Link


@pytest.mark.parametrize("q", ["flask or django", 'flask "', "(flask", "x" * 2000 + " or flask", "-rails"])
def test_the_trash_is_listed_alone_however_the_search_is_written(
    client: FlaskClient,
    authorized: dict[str, str],
    session: Session,
    account: Account,
    make_link: Callable[..., Link],
    q: str,
) -> None:
    make_link(account, title="flask")
    thrown = make_link(account, title="flask")
    trash.trash(session, account.id, thrown.id, origin=ORIGIN)
    query = {"q": q, "trashed": "true", "sort": "added"}
    found = client.get("/api/v1/links", query_string=query, headers=authorized).get_json()
    assert {link["id"] for link in found["links"]} <= {thrown.id}
    assert found["understood"].endswith("is:trashed sort:added")


def test_a_stream_ends_where_it_was_told_to_however_far_that_is(
    client: FlaskClient, authorized: dict[str, str], account: Account, make_link: Callable[..., Link]
) -> None:
    make_link(account)
    headers = authorized | {"Accept": "application/x-ndjson"}
    far = listing.STREAMED_AT_ONCE * 5
    answer = client.get(f"/api/v1/links?limit={far}", headers=headers)
    assert (answer.status_code, len(answer.text.splitlines())) == (200, 1)
    assert client.get("/api/v1/links?limit=0", headers=headers).status_code == 400
    page = client.get(f"/api/v1/links?limit={far}", headers=authorized)
    assert (page.status_code, page.get_json()["errors"][0]["field"]) == (400, "limit")
    assert orjson.loads(answer.text)["id"] > 0
