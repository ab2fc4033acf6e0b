"""The message of what was just done, with its undo.

The address names the batch or the change, and everything that is said is read from the library: an
address cannot make a page say what is not so.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import datetime

from flask import request, url_for
from sqlalchemy.orm import Session

from linkhold.doors import current
from linkhold.doors.web.speaking import gettext, ngettext, translated
from linkhold.errors import NotFound
from linkhold.links import batches, history, inbox, reading
from linkhold.links.models import Change

NUMBER = r"\.([1-9][0-9]{0,17})"
DONE = re.compile(rf"(batch|change|known|same|text){NUMBER}(?:{NUMBER})?(?:{NUMBER})?")


@dataclass(frozen=True, slots=True)
class Message:
    """What was done, to which link if it was one, and where it is undone."""

    text: str
    link: str = ""
    undo: str = ""
    redo: bool = False
    """Whether it was an undo, so that undoing it is doing it again."""
    left: int = 0
    """How many links an undo left alone, since they were changed in the same place meanwhile."""


def of_change(change: Change) -> str:
    """Return what names a change in an address."""
    return f"change.{change.link_id}.{change.id}"


def of_batch(batch_id: int) -> str:
    """Return what names a batch in an address."""
    return f"batch.{batch_id}"


def of_text(item_id: int, change: str = "") -> str:
    """Return what names that a text left the inbox, and the change of a link that it became, if it did."""
    kind, _, numbers = change.partition(".")
    return f"text.{item_id}.{numbers}" if kind == "change" else f"text.{item_id}"


def since(session: Session, owner: int, link_id: int, begun: datetime, *, otherwise: str) -> str:
    """Return what names the last change of a link, if it was made since an act began.

    An act that changes nothing records nothing: the last change is then an older one, which must
    not be offered to be undone. `otherwise` says what to tell instead, `known` or `same`.
    """
    change = history.latest(session, owner, link_id)
    return of_change(change) if change.made_at >= begun else f"{otherwise}.{link_id}"


def read() -> Message | None:
    """Return the message that the address of this page asks for, as far as it tells the truth."""
    named = DONE.fullmatch(request.args.get("done", ""))
    if named is None:
        return None
    kind, first, second, third = named[1], int(named[2]), int(named[3] or 0), int(named[4] or 0)
    owner = current.caller().account_id
    with current.runtime().reading() as session:
        try:
            if kind == "batch":
                return _batch(session, owner, first)
            if kind == "change":
                return _change(session, owner, first, second)
            if kind == "text":
                return _text(session, owner, first, (second, third))
            return Message(_unchanged(kind), _name(session, owner, first))
        except NotFound:
            return None


def _batch(session: Session, owner: int, batch_id: int) -> Message:
    batch = batches.get(session, owner, batch_id)
    if not batch.links:
        return Message(gettext("Nothing was changed: all of it was so already"))
    undo = url_for("web.undo_batch", batch_id=batch_id)
    left = max(0, min(request.args.get("left", 0, type=int), 10**9))
    redo = batch.kind == "undone"
    if batch.links == 1:
        [change] = history.of_batch(session, owner, batch_id, limit=1)
        return Message(_told(change), _name(session, owner, change.link_id), undo, redo, left)
    links = ngettext("{number} link", "{number} links", batch.links)
    return Message(f"{_capital(translated(batch.summary))}: {links}", undo=undo, redo=redo, left=left)


def _change(session: Session, owner: int, link_id: int, change_id: int) -> Message | None:
    """Say what a change did, while it is the last one of its link."""
    change = history.latest(session, owner, link_id)
    if change.id != change_id:
        return None
    undo = url_for("web.undo_change", link_id=link_id, change_id=change_id)
    return Message(_told(change), _name(session, owner, link_id), undo)


def _text(session: Session, owner: int, item_id: int, became: tuple[int, int]) -> Message | None:
    """Say what became of a text of the inbox, while it is not back there; its undo brings it back."""
    if not inbox.has_left(session, owner, item_id):
        return None
    change = _change(session, owner, *became) if all(became) else None
    if change is None:
        return Message(gettext("The text left the inbox."), undo=url_for("web.restore_item", item_id=item_id))
    link_id, change_id = became
    undo = url_for("web.undo_text", item_id=item_id, link_id=link_id, change_id=change_id)
    return replace(change, undo=undo)


def _told(change: Change) -> str:
    said = {
        "added": gettext("Saved"),
        "merged": gettext("Already in your library, now merged"),
        "trashed": gettext("Moved to the trash"),
        "restored": gettext("Restored"),
    }
    if change.kind in said:
        return said[change.kind]
    told = history.told(change)
    undone = told.removeprefix("undone; ")
    if undone != told:
        return gettext("Undone: {what}", what=translated(undone))
    return _capital(translated(told))


def _unchanged(kind: str) -> str:
    if kind == "known":
        return gettext("Already in your library, as it is")
    return gettext("Nothing was changed")


def _name(session: Session, owner: int, link_id: int) -> str:
    link = reading.get(session, owner, link_id)
    return link.title or link.url


def _capital(sentence: str) -> str:
    return sentence[:1].upper() + sentence[1:]
