"""What others may see of a library: its shared links, without what is private about them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from linkhold.links import search
from linkhold.links.estimating import Statistics
from linkhold.links.language import Query
from linkhold.links.places import Place
from linkhold.links.search import FoundLink
from linkhold.links.trees import State

SHARED = Query(State("shared"), "added", ())


@dataclass(frozen=True, slots=True)
class Published:
    """A link as others see it: without its notes, and without what its owner has made of it."""

    id: int
    url: str
    title: str
    description: str
    tags: list[str]
    created_at: datetime
    changed_at: datetime


@dataclass(frozen=True, slots=True)
class Page:
    """Some of what is published, and the place that follows; None at the end."""

    links: list[Published]
    next: Place | None


def shared(
    session: Session, owner: int, *, limit: int, after: Place | None = None, statistics: Statistics
) -> Page:
    """Return a page of the shared links that are not in the trash, the newest first.

    Archived ones are among them: putting a link out of one's own way takes it from nobody else.
    Raises `BadInput` for a place in another order.
    """
    found = search.find(session, owner, SHARED, limit=limit, after=after, statistics=statistics)
    # The index is asked, and the link itself has the last word.
    links = [published(link) for link in found.links if link.shared and link.trashed_at is None]
    return Page(links, found.next)


def published(link: FoundLink) -> Published:
    """Return what of a link is shown outside of its library."""
    return Published(**{name: getattr(link, name) for name in Published.__slots__})
