"""The trash: deleting a link moves it there, and it can come back."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from linkhold import clock
from linkhold.links import bulk, changes, moving, reading
from linkhold.links.changes import Difference, Origin
from linkhold.links.models import Change, InboxItem, Link
from linkhold.links.reading import Seen

TRASH = Origin("trash")
"""Where the end of a link comes from."""


def trash(session: Session, owner: int, link_id: int, *, origin: Origin, seen: Seen = None) -> Link:
    """Move a link to the trash; one that is there stays as it is. Raises `NotFound`, `Outdated`."""
    link = reading.locked(session, owner, link_id)
    reading.refuse_outdated(link, seen)
    if link.trashed_at is None:
        difference = Difference(link, {"trashed_at": clock.now()})
        changes.record(session, owner, [difference], kind="trashed", origin=origin)
    return link


def empty(session: Session, owner: int, *, before: datetime | None = None, most: int | None = None) -> int:
    """Destroy what is in the trash, or what came there before a moment; returns how many links.

    No more than `most` links at once: whoever gives that calls again until there are none.

    Of their history there remains that they were, for clients that keep a copy, and nothing of what
    they held. What left the inbox is destroyed with them. This cannot be undone.
    """
    _empty_inbox(session, owner, before=before)
    query = select(Link.id).where(Link.owner_id == owner, Link.trashed_at.is_not(None))
    if before is not None:
        query = query.where(Link.trashed_at < before)
    ids, done = session.scalars(query.order_by(Link.id).limit(most)).all(), 0
    for start in range(0, len(ids), changes.BATCH):
        links = [
            link
            for link in bulk.locked(session, owner, ids[start : start + changes.BATCH])
            if link.trashed_at is not None and (before is None or link.trashed_at < before)
        ]
        _destroy(session, owner, [link.id for link in links])
        tombstones = [Difference(link, {}) for link in links]
        done += changes.record(session, owner, tombstones, kind="destroyed", origin=TRASH)
    return done


def _empty_inbox(session: Session, owner: int, *, before: datetime | None) -> None:
    query = delete(InboxItem).where(InboxItem.owner_id == owner, InboxItem.trashed_at.is_not(None))
    if before is not None:
        query = query.where(InboxItem.trashed_at < before)
    session.execute(query, execution_options={"synchronize_session": False})


def _destroy(session: Session, owner: int, ids: list[int]) -> None:
    of_links = (Change.owner_id == owner, Change.link_id.in_(ids))
    blank: dict[str, object] = {"before": {}, "after": {}, "sent_url": None}
    options = {"synchronize_session": False}
    session.execute(update(Change).where(*of_links).values(blank), execution_options=options)
    session.execute(delete(Link).where(Link.owner_id == owner, Link.id.in_(ids)), execution_options=options)


def restore(session: Session, owner: int, link_id: int, *, origin: Origin) -> Link:
    """Take a link out of the trash; one that is not there stays as it is.

    Raises `NotFound`, and `Conflict` when an undo gave its URL to another link, which is named.
    """
    link = reading.locked(session, owner, link_id)
    if link.trashed_at is not None:
        after = {"trashed_at": None, **moving.taken_back(session, owner, link.id, link.identity)}
        changes.record(session, owner, [Difference(link, after)], kind="restored", origin=origin)
    return link
