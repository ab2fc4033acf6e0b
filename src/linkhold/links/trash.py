"""The trash: deleting a link moves it there, and it can come back."""

from __future__ import annotations

from sqlalchemy.orm import Session

from linkhold import clock
from linkhold.links import changes, reading
from linkhold.links.changes import Difference, Origin
from linkhold.links.models import Link


def trash(session: Session, owner: int, link_id: int, *, origin: Origin) -> Link:
    """Move a link to the trash; one that is there stays as it is. Raises `NotFound`."""
    link = reading.locked(session, owner, link_id)
    if link.trashed_at is None:
        difference = Difference(link, {"trashed_at": clock.now()})
        changes.record(session, owner, [difference], kind="trashed", origin=origin)
    return link


def restore(session: Session, owner: int, link_id: int, *, origin: Origin) -> Link:
    """Take a link out of the trash; one that is not there stays as it is. Raises `NotFound`."""
    link = reading.locked(session, owner, link_id)
    if link.trashed_at is not None:
        changes.record(
            session, owner, [Difference(link, {"trashed_at": None})], kind="restored", origin=origin
        )
    return link
