"""A library as a whole."""

from __future__ import annotations

from sqlalchemy import delete
from sqlalchemy.orm import Session

from linkhold.links.models import Batch, Change, InboxItem, KeptAnswer, Link, SavedSearch, Tag, TagDifference


def destroy(session: Session, owner: int) -> None:
    """Destroy all links of an owner with their history, and what else the library has, for good."""
    for table in (Link, Change, Batch, Tag, TagDifference, SavedSearch, InboxItem, KeptAnswer):
        session.execute(
            delete(table).where(table.owner_id == owner), execution_options={"synchronize_session": False}
        )
