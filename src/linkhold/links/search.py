"""Finding links: a page of what a search finds, in milliseconds, however large the library is."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple, Self

import orjson
from psycopg.rows import class_row
from sqlalchemy import ColumnElement, Row, Select, func, select, tuple_
from sqlalchemy.orm import InstrumentedAttribute, Session, aliased

from linkhold.db.engine import direct
from linkhold.errors import BadInput
from linkhold.links import estimating, matching, text
from linkhold.links.estimating import Statistics, Way
from linkhold.links.language import Query
from linkhold.links.models import Link
from linkhold.links.trees import SORTS, Added, Sort


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

RANKED = 2000
"""How many links, the newest that a search finds, are ordered by relevance: ranking reads each of them."""


@dataclass(frozen=True, slots=True)
class Order:
    """How a sort orders: by a column, and by id where that is equal."""

    column: str
    descending: bool = True


ORDERS: dict[Sort, Order] = {
    "added": Order("created_at"),
    "changed": Order("changed_at"),
    "title": Order("title_key", descending=False),
}


@dataclass(frozen=True, slots=True)
class Place:
    """A place in what a search finds: the sort, and what the last link that was seen has there."""

    sort: Sort
    value: str | int
    id: int

    def __str__(self) -> str:
        """Return it as a client carries it: opaque, safe in a URL."""
        packed = orjson.dumps([self.sort, self.value, self.id])
        return base64.urlsafe_b64encode(packed).decode().rstrip("=")

    @classmethod
    def parse(cls, written: str) -> Self:
        """Read what `str` wrote; raises `BadInput` for anything else."""
        try:
            packed = base64.b64decode(written + "=" * (-len(written) % 4), altchars=b"-_", validate=True)
            sort, value, link_id = orjson.loads(packed)
            if _is_place(sort, value, link_id):
                return cls(sort, value, link_id)
        except (binascii.Error, ValueError, TypeError):
            pass
        raise BadInput("This cursor is not valid: leave it out to begin anew.", field="cursor")


def _is_place(sort: object, value: object, link_id: object) -> bool:
    """Tell whether these can be of a place; raises `ValueError` when a moment is none."""
    if sort not in SORTS or not isinstance(link_id, int) or not 0 <= link_id < 2**63:
        return False
    if sort == "relevance":
        return isinstance(value, int) and 0 <= value <= RANKED
    if sort == "title":
        return isinstance(value, str) and text.can_be_stored(value)
    return isinstance(value, str) and datetime.fromisoformat(value).tzinfo is not None


@dataclass(frozen=True, slots=True)
class Count:
    """How many links a search finds."""

    value: int
    exact: bool
    """Whether it is that many; otherwise it is more."""


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
    searched = _Search(session, owner, query, statistics)
    if sort == "relevance":
        return searched.most_relevant(limit, after)
    return searched.in_order(sort, limit, after)


def every_id(session: Session, owner: int, query: Query) -> Sequence[int]:
    """Return the ids of all links that a search finds."""
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


@dataclass(frozen=True, slots=True)
class _Search:
    session: Session
    owner: int
    query: Query
    statistics: Statistics

    def in_order(self, sort: Sort, limit: int, after: Place | None) -> Found:
        keys, total = self.first(sort, limit + 1, after)
        links = self.fetched([key.id for key in keys[:limit]])
        following = None
        if len(keys) > limit:
            value = keys[limit - 1].key
            shown = value.isoformat() if isinstance(value, datetime) else value
            following = Place(sort, shown, keys[limit - 1].id)
        return Found(links, following, _count(total, len(keys), limit) if after is None else None)

    def most_relevant(self, limit: int, after: Place | None) -> Found:
        keys, total = self.first("added", RANKED + 1, None)
        ranking = matching.ranking(self.query.tree)
        start = int(after.value) if after else 0
        query = (
            select(Link.id)
            .where(Link.owner_id == self.owner, Link.id.in_([key.id for key in keys[:RANKED]]))
            .order_by(func.ts_rank(Link.search, ranking).desc(), Link.id.desc())
        )
        ids = self.session.scalars(query.offset(start).limit(limit + 1)).all()
        following = Place("relevance", start + limit, 0) if len(ids) > limit else None
        count = _count(total, len(keys), RANKED) if after is None else None
        return Found(self.fetched(ids[:limit]), following, count)

    def first(self, sort: Sort, wanted: int, after: Place | None) -> tuple[Sequence[Row[Any]], int | None]:
        """Return id and key of the first links in an order, and how many there are where that is known."""
        way = estimating.choose(self.statistics, self.owner, self.query.tree, wanted=wanted)
        if way.walk and not self.query.asks_for("trashed"):
            keys = self.walked(sort, wanted, after, walk=way.walk)
            if len(keys) == wanted:
                return keys, None
            if self.ends_within(sort, after, walk=way.walk):
                return keys, len(keys)
        return self.asked(sort, wanted, after, way=way)

    def walked(self, sort: Sort, wanted: int, after: Place | None, *, walk: int) -> Sequence[Row[Any]]:
        """Look at so many links in order, and return those of them that the search finds."""
        order = ORDERS[sort]
        inner = self.ordered(
            select(Link.id, Link.search, Link.created_at, _column(order).label("key")), sort, after
        )
        newest = inner.limit(walk).subquery()
        links = aliased(Link, newest)
        parts = [part for part in matching.conjuncts(self.query.tree) if not isinstance(part, Added)]
        found = select(newest.c.id, newest.c.key).where(*matching.filtered(self.owner, parts, links))
        return self.session.execute(_sorted(found, newest.c.key, newest.c.id, order).limit(wanted)).all()

    def ends_within(self, sort: Sort, after: Place | None, *, walk: int) -> bool:
        """Tell whether a walk of that length comes to the end."""
        beyond = self.ordered(select(Link.id), sort, after).offset(walk).limit(1)
        return self.session.scalar(beyond) is None

    def asked(
        self, sort: Sort, wanted: int, after: Place | None, *, way: Way
    ) -> tuple[Sequence[Row[Any]], int]:
        """Ask the index for all that the search finds, and return the first of it with how much it is."""
        order, trashed = ORDERS[sort], self.query.asks_for("trashed")
        inner = select(Link.id, _column(order).label("key")).where(
            Link.owner_id == self.owner,
            *(() if trashed else (Link.trashed_at.is_(None),)),
            matching.indexed(self.owner, way.indexed, trashed=trashed),
            *matching.filtered(self.owner, way.filtered),
            *matching.mixed(self.owner, way.mixed),
            *matching.period(self.query.tree),
            *_beyond(order, after),
        )
        # The offset keeps the planner from walking in order after all.
        found = inner.offset(0).subquery()
        query = select(found.c.id, found.c.key, func.count().over().label("total"))
        keys = self.session.execute(_sorted(query, found.c.key, found.c.id, order).limit(wanted)).all()
        return keys, keys[0].total if keys else 0

    def ordered(self, query: Select[Any], sort: Sort, after: Place | None) -> Select[Any]:
        order = ORDERS[sort]
        within = matching.period(self.query.tree)
        query = query.where(
            Link.owner_id == self.owner, Link.trashed_at.is_(None), *within, *_beyond(order, after)
        )
        return _sorted(query, _column(order), Link.id, order)

    def fetched(self, ids: Sequence[int]) -> list[FoundLink]:
        """Return the links of these ids, in their order; one that was destroyed meanwhile is left out."""
        # By psycopg alone: of an answer's time, SQLAlchemy's part for the rows would be a third.
        cursor = direct(self.session).cursor(row_factory=class_row(FoundLink))
        return cursor.execute(FETCH, (list(ids), self.owner), prepare=True).fetchall() if ids else []


def _column(order: Order) -> InstrumentedAttribute[Any]:
    column: InstrumentedAttribute[Any] = getattr(Link, order.column)
    return column


def _sorted(
    query: Select[Any],
    key: ColumnElement[Any] | InstrumentedAttribute[Any],
    link_id: ColumnElement[int] | InstrumentedAttribute[int],
    order: Order,
) -> Select[Any]:
    if order.descending:
        return query.order_by(key.desc(), link_id.desc())
    return query.order_by(key, link_id)


def _beyond(order: Order, after: Place | None) -> list[ColumnElement[bool]]:
    if after is None:
        return []
    value = after.value if order.column == "title_key" else datetime.fromisoformat(str(after.value))
    place = tuple_(_column(order), Link.id)
    return [place < (value, after.id) if order.descending else place > (value, after.id)]


def _count(total: int | None, seen: int, limit: int) -> Count:
    if total is not None:
        return Count(total, exact=True)
    return Count(min(seen, limit), exact=seen <= limit)
