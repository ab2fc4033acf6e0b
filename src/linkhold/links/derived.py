"""The columns of a link that follow from its others. Pure: whoever writes a link writes these beside it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import TypedDict

from linkhold.links import indexing, resemblance, words
from linkhold.links.indexing import Indexed

LONGEST_TITLE_KEY = 100


@dataclass(frozen=True, slots=True)
class Content:
    """The fields of a link from which the others follow."""

    identity: str
    title: str = ""
    description: str = ""
    notes: str = ""
    tags: list[str] = field(default_factory=list)
    unread: bool = False
    archived: bool = False
    shared: bool = False
    trashed_at: datetime | None = None


CONTENT = tuple(Content.__dataclass_fields__)


class Derived(TypedDict):
    """Their values, by name."""

    title_key: str
    resembles: int
    search: str


def columns(owner: int, link: Indexed) -> Derived:
    """Return the derived columns of a link."""
    return {
        "title_key": title_key(link.title),
        "resembles": resemblance.number(link.identity),
        "search": indexing.vector(owner, link),
    }


def title_key(title: str) -> str:
    """Return what titles are sorted by: without case and accents, and short enough for an index."""
    return words.folded(title)[:LONGEST_TITLE_KEY]
