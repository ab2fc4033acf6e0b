"""Saved searches: a search by a name, in an order of the owner's."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from linkhold.errors import BadInput, LimitExceeded, NotFound
from linkhold.links import language, text
from linkhold.links.models import SavedSearch

LONGEST_NAME = 200
MOST = 500


def every(session: Session, owner: int) -> Sequence[SavedSearch]:
    """Return the saved searches of a library in their order."""
    query = select(SavedSearch).where(SavedSearch.owner_id == owner)
    return session.scalars(query.order_by(SavedSearch.position, SavedSearch.id)).all()


def get(session: Session, owner: int, search_id: int) -> SavedSearch:
    """Return a saved search; raises `NotFound`."""
    found = session.get(SavedSearch, (owner, search_id))
    if found is None:
        raise NotFound("There is no saved search by this id in your library.")
    return found


def add(session: Session, owner: int, *, name: str, query: str) -> SavedSearch:
    """Keep a search, behind the others; raises `BadInput` and `LimitExceeded`."""
    count = session.scalar(select(func.count()).where(SavedSearch.owner_id == owner)) or 0
    if count >= MOST:
        raise LimitExceeded(f"A library can have at most {MOST} saved searches.", field="name")
    found = SavedSearch(owner_id=owner, name=_name(name), query=_query(query), position=count)
    session.add(found)
    session.flush()
    _renumber(session, owner, found, count)
    return found


def change(
    session: Session,
    owner: int,
    search_id: int,
    *,
    name: str | None = None,
    query: str | None = None,
    position: int | None = None,
) -> SavedSearch:
    """Change what is given of a saved search; `position` counts from 0. Raises `NotFound`, `BadInput`."""
    found = get(session, owner, search_id)
    if name is not None:
        found.name = _name(name)
    if query is not None:
        found.query = _query(query)
    if position is not None:
        _renumber(session, owner, found, position)
    session.flush()
    return found


def remove(session: Session, owner: int, search_id: int) -> None:
    """Forget a saved search; raises `NotFound`."""
    session.delete(get(session, owner, search_id))
    session.flush()


def _renumber(session: Session, owner: int, moved: SavedSearch, position: int) -> None:
    others = [each for each in every(session, owner) if each.id != moved.id]
    others.insert(position, moved)
    for number, each in enumerate(others):
        each.position = number
    session.flush()


def _name(name: str) -> str:
    name = " ".join(name.split())
    if not name or not text.can_be_stored(name):
        raise BadInput("A saved search needs a name.", field="name")
    if len(name) > LONGEST_NAME:
        raise LimitExceeded(f"The name is longer than {LONGEST_NAME} characters.", field="name")
    return name


def _query(query: str) -> str:
    if len(query) > language.LONGEST_QUERY:
        raise LimitExceeded(f"The search is longer than {language.LONGEST_QUERY} characters.", field="query")
    if not text.can_be_stored(query):
        raise BadInput("The search contains a character that text cannot hold.", field="query")
    return query.strip()
