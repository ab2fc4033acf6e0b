"""A library as a whole."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from linkhold.links.models import Batch, Change, InboxItem, KeptAnswer, Link, SavedSearch, Tag, TagDifference


@dataclass(frozen=True, slots=True)
class Counted:
    """How much a library holds."""

    links: int
    trashed: int
    inbox: int


def count(session: Session, owner: int) -> Counted:
    """Count what a library holds."""
    links, trashed = session.execute(
        select(func.count().filter(Link.trashed_at.is_(None)), func.count(Link.trashed_at)).where(
            Link.owner_id == owner
        )
    ).one()
    inbox = session.scalar(select(func.count()).select_from(InboxItem).where(InboxItem.owner_id == owner))
    return Counted(links, trashed, inbox or 0)


def destroy(session: Session, owner: int) -> None:
    """Destroy all links of an owner with their history, and what else the library has, for good."""
    for table in (Link, Change, Batch, Tag, TagDifference, SavedSearch, InboxItem, KeptAnswer):
        session.execute(
            delete(table).where(table.owner_id == owner), execution_options={"synchronize_session": False}
        )
