"""The order by relevance: the best first, nothing left out, and cursors that only we can have given."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import orjson
import pytest
from sqlalchemy import update
from sqlalchemy.orm import Session

from conftest import ORIGIN
from linkhold.accounts.models import Account
from linkhold.errors import BadInput
from linkhold.links import editing, language, relevance, search, trash
from linkhold.links.drafting import Edit
from linkhold.links.estimating import Statistics
from linkhold.links.models import Link
from linkhold.links.places import Place

MakeLink = Callable[..., Link]


def test_relevance_prefers_the_title(session: Session, account: Account, make_link: MakeLink) -> None:
    notes = make_link(account, notes="flask")
    title = make_link(account, title="flask")
    url = make_link(account, "https://flask.example/")
    found = search.find(
        session, account.id, language.parse("flask sort:relevance"), limit=100, statistics=Statistics()
    )
    assert [link.id for link in found.links] == [title.id, url.id, notes.id]


def _pages(session: Session, account: Account, typed: str, limit: int) -> Iterator[list[int]]:
    query, after = language.parse(typed), None
    while True:
        page = search.find(session, account.id, query, limit=limit, after=after, statistics=Statistics())
        yield [link.id for link in page.links]
        if page.next is None:
            return
        after = Place.parse(str(page.next))


def _words(link: int) -> str:
    return " ".join(["flask"] * (link % 3 + 1))


@pytest.fixture
def ranked(
    session: Session, account: Account, make_link: MakeLink, monkeypatch: pytest.MonkeyPatch
) -> list[int]:
    """Twenty links, of which the newest eight are ranked; their ids as they are to be listed."""
    monkeypatch.setattr(relevance, "RANKED", 8)
    start = datetime(2025, 1, 1, tzinfo=UTC)
    ids = []
    for number in range(20):
        link = make_link(account, notes=_words(number))
        moment = start + timedelta(days=number // 2)
        session.execute(update(Link).where(Link.id == link.id).values(created_at=moment))
        ids.append(link.id)
    best = sorted(range(12, 20), key=lambda number: (number % 3, number), reverse=True)
    return [ids[number] for number in (*best, *range(11, -1, -1))]


@pytest.mark.parametrize("limit", [1, 3, 4, 7, 8, 9, 19, 20, 100])
def test_beyond_those_that_are_ranked_all_others_follow_the_newest_first(
    session: Session, account: Account, ranked: list[int], limit: int
) -> None:
    pages = list(_pages(session, account, "flask sort:relevance", limit))
    assert [link for page in pages for link in page] == ranked
    assert all(len(page) == limit for page in pages[:-1])


@pytest.mark.parametrize("limit", [1, 3, 8])
def test_what_is_saved_and_trashed_meanwhile_shifts_no_page_by_relevance(
    session: Session, account: Account, make_link: MakeLink, ranked: list[int], limit: int
) -> None:
    pages = _pages(session, account, "flask sort:relevance", limit)
    seen = next(pages)
    for _ in range(3):
        make_link(account, title="flask")
    for trashed in (seen[0], ranked[-1]):
        trash.trash(session, account.id, trashed, origin=ORIGIN)
    seen += [link for page in pages for link in page]
    assert seen == ranked[:-1]


def test_links_that_fit_meanwhile_drop_none_of_those_that_did(
    session: Session, account: Account, make_link: MakeLink, ranked: list[int]
) -> None:
    moment = datetime(2025, 1, 8, tzinfo=UTC)
    late = [make_link(account, notes="none") for _ in range(5)]
    for link in late:
        session.execute(update(Link).where(Link.id == link.id).values(created_at=moment))
    pages = _pages(session, account, "flask sort:relevance", 2)
    seen = next(pages)
    for link in late:
        editing.edit(session, account.id, link.id, Edit(notes="flask"), origin=ORIGIN)
    seen += [link for page in pages for link in page]
    assert set(ranked) <= set(seen)


@pytest.mark.parametrize(
    "packed",
    [
        ["relevance", 0.5, 1],
        ["relevance", 1e-40, 1, ["2025-01-01T00:00:00+00:00", 1], ["2025-01-01T00:00:00+00:00", 1]],
        ["relevance", 1e40, 1, ["2025-01-01T00:00:00+00:00", 1], ["2025-01-01T00:00:00+00:00", 1]],
        ["relevance", True, 1, ["2025-01-01T00:00:00", 1], ["2025-01-01T00:00:00+00:00", 1]],
        ["relevance", 0.5, 1, ["2025-01-01T00:00:00+00:00", 2**63 - 1], ["2025-01-01T00:00:00+00:00", 1]],
        ["relevance", 0.5, 1, ["2025-01-01T00:00:00+00:00", 1]],
        ["relevance", 0.5, 1, 5, 6],
        ["added", "2025-01-01T00:00:00+00:00", 1, ["2025-01-01T00:00:00+00:00", 1]],
        ["title", "\0", 1],
        ["added", "yesterday", 1],
        ["size", "1", 1],
    ],
)
def test_a_cursor_that_nobody_was_given_is_refused(packed: list[object]) -> None:
    written = base64.urlsafe_b64encode(orjson.dumps(packed)).decode().rstrip("=")
    with pytest.raises(BadInput, match="cursor"):
        Place.parse(written)
