"""Finding links: a page of what a search finds, in milliseconds, however large the library is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from psycopg.rows import class_row
from sqlalchemy import select
from sqlalchemy.orm import Session

from linkhold.db.engine import direct
from linkhold.errors import BadInput
from linkhold.links import matching, relevance
from linkhold.links.estimating import Statistics
from linkhold.links.language import Query
from linkhold.links.looking import Count, Look
from linkhold.links.models import Link
from linkhold.links.places import Place
from linkhold.links.trees import Sort


class FoundLink(NamedTuple):
    """What is told of each link that is found."""

    id: int
    url: str
    title: str
    description: str
    notes: str
    tags: list[str]
    unread: bool
    archived: bool
    shared: bool
    created_at: datetime
    changed_at: datetime
    trashed_at: datetime | None
    version: int


COLUMNS = FoundLink._fields

FETCH = """
    SELECT id, url, title, description, notes, tags, unread, archived, shared,
           created_at, changed_at, trashed_at, version
    FROM unnest(%s::bigint[]) WITH ORDINALITY AS wanted (id, place)
    JOIN links USING (id)
    WHERE owner_id = %s
    ORDER BY place
"""


@dataclass(frozen=True, slots=True)
class Found:
    """A page of what a search finds."""

    links: list[FoundLink]
    next: Place | None
    count: Count | None
    """Only with the first page."""


def find(
    session: Session,
    owner: int,
    query: Query,
    *,
    limit: int,
    after: Place | None = None,
    statistics: Statistics,
) -> Found:
    """Return a page of the links that a search finds, in the order that it asks for.

    `after` is where the page before ended; any page costs what the first one costs. Raises
    `BadInput` for a place in another order.
    """
    sort: Sort = query.sort or "added"
    if sort == "relevance" and matching.ranking(query.tree) is None:
        sort = "added"
    if after is not None and after.sort != sort:
        raise BadInput("This cursor belongs to a search with another order.", field="cursor")
    look = Look(session, owner, query, statistics)
    page = relevance.page(look, limit, after) if sort == "relevance" else look.page(sort, limit, after)
    return Found(_fetched(session, owner, page.ids), page.next, page.count)


def every_id(session: Session, owner: int, query: Query) -> Sequence[int]:
    """Return the ids of all links that a search finds, for an act on them.

    Raises `BadInput` when something of the search was passed over: read in another way it may find the
    whole library, and what is done to so many links must be what was meant.
    """
    if query.remarks:
        raise BadInput(
            f"Nothing was done, because not all of the search was understood. {query.remarks[0]}",
            faults=tuple(("q", remark) for remark in query.remarks),
        )
    parts = matching.conjuncts(query.tree)
    trashed = query.asks_for("trashed")
    plain = [part for part in parts if not matching.has_date(part)]
    return session.scalars(
        select(Link.id).where(
            Link.owner_id == owner,
            matching.indexed(owner, plain, trashed=trashed),
            *matching.mixed(owner, [part for part in parts if matching.has_date(part)]),
        )
    ).all()


def _fetched(session: Session, owner: int, ids: Sequence[int]) -> list[FoundLink]:
    """Return the links of these ids, in their order; one that was destroyed meanwhile is left out."""
    # By psycopg alone: of an answer's time, SQLAlchemy's part for the rows would be a third.
    cursor = direct(session).cursor(row_factory=class_row(FoundLink))
    return cursor.execute(FETCH, (list(ids), owner), prepare=True).fetchall() if ids else []
