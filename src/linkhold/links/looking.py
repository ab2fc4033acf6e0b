"""Looking for what a search finds: the ids of the first links in an order, by the quickest way there is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, func, select, tuple_
from sqlalchemy.orm import InstrumentedAttribute, Session, aliased

from linkhold.links import estimating, matching
from linkhold.links.estimating import Statistics, Way
from linkhold.links.language import Query
from linkhold.links.models import Link
from linkhold.links.places import Place
from linkhold.links.trees import Added, Sort


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
class Count:
    """How many links a search finds."""

    value: int
    exact: bool
    """Whether it is that many; otherwise it is more."""


@dataclass(frozen=True, slots=True)
class Page:
    """The ids of some links in order, and where the next page begins."""

    ids: list[int]
    next: Place | None
    count: Count | None
    """Only with the first page."""


@dataclass(frozen=True, slots=True)
class Look:
    """A search in the library of one owner."""

    session: Session
    owner: int
    query: Query
    statistics: Statistics

    def page(self, sort: Sort, limit: int, after: Place | None) -> Page:
        """Return a page of what is found, in the order of a column."""
        keys, total = self.first(sort, limit + 1, after)
        following = None
        if len(keys) > limit:
            value = keys[limit - 1].key
            shown = value.isoformat() if isinstance(value, datetime) else value
            following = Place(sort, shown, keys[limit - 1].id)
        how_many = count(total, len(keys), limit) if after is None else None
        return Page([key.id for key in keys[:limit]], following, how_many)

    def first(self, sort: Sort, wanted: int, after: Place | None) -> tuple[Sequence[Row[Any]], int | None]:
        """Return id and key of the first links in an order, and how many there are where that is known."""
        way = estimating.choose(self.statistics, self.owner, self.query.tree, wanted=wanted)
        if way.walk and not self.query.asks_for("trashed"):
            keys = self._walked(sort, wanted, after, walk=way.walk)
            if len(keys) == wanted:
                return keys, None
            if self._ends_within(sort, after, walk=way.walk):
                return keys, len(keys)
        return self._asked(sort, wanted, after, way=way)

    def _walked(self, sort: Sort, wanted: int, after: Place | None, *, walk: int) -> Sequence[Row[Any]]:
        """Look at so many links in order, and return those of them that the search finds."""
        order = ORDERS[sort]
        inner = self._ordered(
            select(Link.id, Link.search, Link.created_at, _column(order).label("key")), sort, after
        )
        newest = inner.limit(walk).subquery()
        links = aliased(Link, newest)
        parts = [part for part in matching.conjuncts(self.query.tree) if not isinstance(part, Added)]
        found = select(newest.c.id, newest.c.key).where(*matching.filtered(self.owner, parts, links))
        return self.session.execute(_sorted(found, newest.c.key, newest.c.id, order).limit(wanted)).all()

    def _ends_within(self, sort: Sort, after: Place | None, *, walk: int) -> bool:
        """Tell whether a walk of that length comes to the end."""
        beyond = self._ordered(select(Link.id), sort, after).offset(walk).limit(1)
        return self.session.scalar(beyond) is None

    def _asked(
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

    def _ordered(self, query: Select[Any], sort: Sort, after: Place | None) -> Select[Any]:
        order = ORDERS[sort]
        within = matching.period(self.query.tree)
        query = query.where(
            Link.owner_id == self.owner, Link.trashed_at.is_(None), *within, *_beyond(order, after)
        )
        return _sorted(query, _column(order), Link.id, order)


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


def count(total: int | None, seen: int, limit: int) -> Count:
    """Return how many links there are: `total` where that is known, else by how many were seen."""
    if total is not None:
        return Count(total, exact=True)
    return Count(min(seen, limit), exact=seen <= limit)
