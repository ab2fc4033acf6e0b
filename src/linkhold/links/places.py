"""Places in what a search finds: where a page ended, as a client carries it to the next. Pure."""

from __future__ import annotations

import base64
import binascii
import math
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self, TypeAlias

import orjson

from linkhold.errors import BadInput
from linkhold.links import text
from linkhold.links.trees import SORTS, Sort

Moment: TypeAlias = tuple[str, int]
"""When a link was saved, and its id: where it stands among the newest."""

# What PostgreSQL's `real` can tell from nothing, and from too much.
LEAST_RANK, HIGHEST_RANK = 1e-30, 1e30


@dataclass(frozen=True, slots=True)
class Place:
    """A place in what a search finds: the sort, and what the last link that was seen has there.

    By relevance, the value is a rank while those are read that were ranked, and `ranked` says which
    they are: from the newest to the oldest of them. Beyond those it is a moment, as it is by `added`.
    """

    sort: Sort
    value: str | float
    id: int
    ranked: tuple[Moment, Moment] | None = None

    def __str__(self) -> str:
        """Return it as a client carries it: opaque, safe in a URL."""
        packed = orjson.dumps([self.sort, self.value, self.id, *(self.ranked or ())])
        return base64.urlsafe_b64encode(packed).decode().rstrip("=")

    @classmethod
    def parse(cls, written: str) -> Self:
        """Read what `str` wrote; raises `BadInput` for anything else."""
        try:
            packed = base64.b64decode(written + "=" * (-len(written) % 4), altchars=b"-_", validate=True)
            sort, value, link_id, *ranked = orjson.loads(packed)
            if _is_place(sort, value, link_id, ranked):
                return cls(sort, value, link_id, _moments(ranked))
        except (binascii.Error, ValueError, TypeError):
            pass
        raise BadInput("This cursor is not valid: leave it out to begin anew.", field="cursor")


def _is_place(sort: object, value: object, link_id: object, ranked: list[Any]) -> bool:
    """Tell whether these can be of a place; raises `ValueError` when a moment is none."""
    if sort not in SORTS or not _is_id(link_id):
        return False
    if ranked:
        newest, oldest = ranked
        return sort == "relevance" and _is_rank(value) and _is_moment(*newest) and _is_moment(*oldest)
    if sort == "title":
        return isinstance(value, str) and text.can_be_stored(value)
    return _is_moment(value, link_id)


def _moments(ranked: list[Any]) -> tuple[Moment, Moment] | None:
    return (tuple(ranked[0]), tuple(ranked[1])) if ranked else None


def _is_id(link_id: object) -> bool:
    # One less than the highest: a place just before a link is written with the id after its own.
    return isinstance(link_id, int) and 0 <= link_id < 2**63 - 1


def _is_rank(value: object) -> bool:
    if not isinstance(value, int | float) or not math.isfinite(value):
        return False
    return value == 0 or LEAST_RANK < abs(value) < HIGHEST_RANK


def _is_moment(moment: object, link_id: object) -> bool:
    return isinstance(moment, str) and datetime.fromisoformat(moment).tzinfo is not None and _is_id(link_id)
