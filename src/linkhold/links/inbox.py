"""The inbox: shared text without a link, kept until it becomes a link or a note, or is deleted.

What leaves it goes to the trash and can be restored as long as the trash keeps.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from linkhold import clock
from linkhold.errors import BadInput, Conflict, NotFound
from linkhold.links import editing, merging, phrases, reading, saving, text
from linkhold.links.adding import Saved
from linkhold.links.changes import Origin
from linkhold.links.drafting import Draft, Drafting
from linkhold.links.models import InboxItem, Link
from linkhold.links.shares import Share


def keep(
    session: Session,
    owner: int,
    words: str,
    *,
    title: str = "",
    tags: Sequence[str] = (),
    unread: bool = False,
    origin: Origin,
) -> InboxItem:
    """Keep a text as it was shared; raises `BadInput` for one that text cannot hold."""
    if not (text.can_be_stored(words) and text.can_be_stored(title)):
        raise BadInput("The text contains a character that text cannot hold.", field="text")
    item = InboxItem(
        owner_id=owner,
        text=words,
        title=title,
        tags=list(tags),
        unread=unread,
        received_at=clock.now(),
        door=origin.door,
        token=origin.token,
        trashed_at=None,
    )
    session.add(item)
    session.flush()
    return item


def newest(
    session: Session, owner: int, *, limit: int, before: int | None = None, trashed: bool = False
) -> Sequence[InboxItem]:
    """Return what is in the inbox, or what left it, the newest first, below an id."""
    query = select(InboxItem).where(InboxItem.owner_id == owner)
    query = query.where(InboxItem.trashed_at.is_not(None) if trashed else InboxItem.trashed_at.is_(None))
    if before is not None:
        query = query.where(InboxItem.id < before)
    return session.scalars(query.order_by(InboxItem.id.desc()).limit(limit)).all()


def kept_since(session: Session, owner: int, sent: Share, moment: datetime) -> int | None:
    """Return the text that a share was kept as, at or after a moment, even if it has left by now."""
    query = select(InboxItem.id).where(
        InboxItem.owner_id == owner, InboxItem.received_at >= moment, InboxItem.text == sent.whole
    )
    return session.scalar(query.order_by(InboxItem.id).limit(1))


def is_there(session: Session, owner: int, item_id: int) -> bool:
    """Tell whether a text is in the inbox."""
    item = session.get(InboxItem, (owner, item_id))
    return item is not None and item.trashed_at is None


def has_left(session: Session, owner: int, item_id: int) -> bool:
    """Tell whether a text left the inbox and can come back."""
    item = session.get(InboxItem, (owner, item_id))
    return item is not None and item.trashed_at is not None


def trash(session: Session, owner: int, item_id: int) -> InboxItem:
    """Move a text to the trash; one that is there stays as it is. Raises `NotFound`."""
    item = _locked(session, owner, item_id)
    if item.trashed_at is None:
        item.trashed_at = clock.now()
        session.flush()
    return item


def restore(session: Session, owner: int, item_id: int) -> InboxItem:
    """Take a text back into the inbox; one that is there stays as it is. Raises `NotFound`."""
    item = _locked(session, owner, item_id)
    item.trashed_at = None
    session.flush()
    return item


def make_link(
    session: Session, owner: int, item_id: int, url: str, *, drafting: Drafting, origin: Origin
) -> Saved:
    """Save a URL with the words of a text as its title and notes; the text leaves the inbox.

    To a link that the library has, the words are added. Raises `NotFound`; `Conflict` for a text
    that has left the inbox; what `Drafting.draft` raises, and then the text stays.
    """
    item = _present(session, owner, item_id)
    draft = _draft(item, url, drafting)
    saved = saving.save(
        session,
        owner,
        draft,
        origin=origin,
        beside=lambda link, draft: drafting.checked(merging.beside(link, draft)),
    )
    item.trashed_at = clock.now()
    session.flush()
    return saved


def make_note(
    session: Session, owner: int, item_id: int, link_id: int, *, drafting: Drafting, origin: Origin
) -> Link:
    """Add a text to the notes of a link; the text leaves the inbox.

    Raises `NotFound`; `Conflict` for a text that has left the inbox, and for a link in the trash;
    `LimitExceeded` when the notes would be too long, and then the text stays.
    """
    item = _present(session, owner, item_id)
    link = reading.locked(session, owner, link_id)
    notes = "\n\n".join(part for part in (link.notes, _words(item)) if part)
    link = editing.edit(session, owner, link_id, drafting.edit(notes=notes), origin=origin)
    item.trashed_at = clock.now()
    session.flush()
    return link


def _draft(item: InboxItem, url: str, drafting: Drafting) -> Draft:
    """Return the link that a text becomes: a short line is its title, all else its notes."""
    title, notes = phrases.tidy(item.title), item.text
    if not title and len(item.text.splitlines()) == 1 and phrases.could_name(item.text):
        title, notes = phrases.visible(item.text), ""
    if len(title) > drafting.limits.title:
        title, notes = "", _words(item)
    return drafting.draft(url, title=title, notes=notes, tags=item.tags, unread=item.unread)


def _words(item: InboxItem) -> str:
    return "\n".join(part for part in (item.title, item.text) if part)


def _present(session: Session, owner: int, item_id: int) -> InboxItem:
    item = _locked(session, owner, item_id)
    if item.trashed_at is not None:
        raise Conflict("This text has left the inbox: restore it first.")
    return item


def _locked(session: Session, owner: int, item_id: int) -> InboxItem:
    item = session.get(InboxItem, (owner, item_id), with_for_update=True, populate_existing=True)
    if item is None:
        raise NotFound("There is nothing in your inbox by this id.")
    return item
