"""The order by relevance: the newest links of what a search finds by rank, and all others after them.

Ranking reads each link, so there is a limit to how many are ranked. What lies beyond it follows
newest first: nothing that is found is left out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import REAL, Row, cast, func, select, tuple_

from linkhold.links import looking, matching
from linkhold.links.looking import Look, Page
from linkhold.links.models import Link
from linkhold.links.places import Moment, Place

RANKED = 2000
"""How many links, the newest that a search finds, are ordered by rank."""


def page(look: Look, limit: int, after: Place | None) -> Page:
    """Return a page in the order by relevance, of a search that has words."""
    if after is not None and after.ranked is None:
        return _beyond(look, limit, after)
    keys, total = _newest(look, after)
    count = looking.count(total, len(keys), RANKED) if after is None else None
    ranked = _ranked(keys, after)
    if ranked is None:
        return Page([], None, count)
    inside = [key.id for key in keys[:RANKED] if (key.key, key.id) >= _read(ranked[1])]
    found = _by_rank(look, inside, limit + 1, after)
    ids = [row.id for row in found[:limit]]
    if len(found) > limit:
        return Page(ids, Place("relevance", found[limit - 1].rank, ids[-1], ranked), count)
    if len(keys) == len(inside):
        return Page(ids, None, count)
    end = Place("relevance", *ranked[1])
    if len(ids) == limit:
        return Page(ids, end, count)
    rest = _beyond(look, limit - len(ids), end)
    return Page([*ids, *rest.ids], rest.next, count)


def _newest(look: Look, after: Place | None) -> tuple[Sequence[Row[Any]], int | None]:
    """Return the links to be ranked, and one more if there is one.

    Later pages begin at what was the newest for the first: links saved meanwhile shift nothing.
    """
    if after is None or after.ranked is None:
        return look.first("added", RANKED + 1, None)
    moment, link_id = after.ranked[0]
    return look.first("added", RANKED + 1, Place("added", moment, link_id + 1))


def _ranked(keys: Sequence[Row[Any]], after: Place | None) -> tuple[Moment, Moment] | None:
    """Return from where to where links are ranked; None when there is nothing."""
    if after is not None and after.ranked is not None:
        newest, oldest = after.ranked
        # When more links fit the search than before, they end sooner: what that leaves comes after them.
        return newest, max([oldest, *map(_moment, keys[RANKED - 1 : RANKED])], key=_read)
    if not keys:
        return None
    return _moment(keys[0]), _moment(keys[:RANKED][-1])


def _moment(key: Row[Any]) -> Moment:
    return key.key.isoformat(), key.id


def _read(moment: Moment) -> tuple[datetime, int]:
    return datetime.fromisoformat(moment[0]), moment[1]


def _by_rank(look: Look, ids: Sequence[int], wanted: int, after: Place | None) -> Sequence[Row[Any]]:
    rank = func.ts_rank(Link.search, matching.ranking(look.query.tree), type_=REAL)
    query = select(Link.id, rank.label("rank")).where(Link.owner_id == look.owner, Link.id.in_(ids))
    if after is not None:
        query = query.where(tuple_(rank, Link.id) < tuple_(cast(after.value, REAL), after.id))
    return look.session.execute(query.order_by(rank.desc(), Link.id.desc()).limit(wanted)).all()


def _beyond(look: Look, limit: int, after: Place) -> Page:
    """Return a page of what lies beyond the ranked links."""
    found = look.page("added", limit, replace(after, sort="added"))
    return replace(found, next=replace(found.next, sort="relevance") if found.next else None, count=None)
