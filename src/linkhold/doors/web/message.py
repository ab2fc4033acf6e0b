"""The message of what was just done, with its undo.

The address names the batch or the change, and what is said of it is read from the library: an address cannot
make a page say what is not so. Of an act that leaves nothing to read there, it names one of a few sentences.
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
from linkhold.links import batches, history, inbox, reading, saved_searches
from linkhold.links.models import Change

NUMBER = r"\.([1-9][0-9]{0,17})"
DONE = re.compile(rf"(again|batch|change|inbox|known|same|search|text){NUMBER}(?:{NUMBER})?(?:{NUMBER})?")


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


def of_inbox(item_id: int, undone: int = 0) -> str:
    """Return what names that a text is in the inbox, and the batch that undid what it became, if one did."""
    return f"again.{item_id}.{undone}" if undone else f"inbox.{item_id}"


def of_search(search_id: int) -> str:
    """Return what names that a search was kept."""
    return f"search.{search_id}"


def since(session: Session, owner: int, link_id: int, begun: datetime, *, otherwise: str) -> str:
    """Return what names the last change of a link, if it was made since an act began.

    An act that changes nothing records nothing: the last change is then an older one, which must
    not be offered to be undone. `otherwise` says what to tell instead, `known` or `same`.
    """
    change = history.latest(session, owner, link_id)
    return of_change(change) if change.made_at >= begun else f"{otherwise}.{link_id}"


def read() -> Message | None:
    """Return the message that the address of this page asks for, as far as it tells the truth."""
    asked = request.args.get("done", "")
    named = DONE.fullmatch(asked)
    if named is None:
        said = _said(asked)
        return Message(said) if said else None
    numbers = int(named[2]), int(named[3] or 0), int(named[4] or 0)
    owner = current.caller().account_id
    with current.runtime().reading() as session:
        try:
            return _named(session, owner, named[1], numbers)
        except NotFound:
            return None


def _named(session: Session, owner: int, kind: str, numbers: tuple[int, int, int]) -> Message | None:
    first, second, third = numbers
    match kind:
        case "batch":
            return _batch(session, owner, first)
        case "change":
            return _change(session, owner, first, second)
        case "text":
            return _text(session, owner, first, (second, third))
        case "inbox" | "again":
            return _inbox(session, owner, first, second)
        case "search":
            return _search(session, owner, first)
        case _:
            return Message(_unchanged(kind), _name(session, owner, first))


def _said(done: str) -> str | None:
    """Return the sentence of an act of which nothing could be read, or that has no undo."""
    said = {
        "feed-revoked": gettext("The address of that feed no longer works."),
        "page-closed": gettext("Your public page is closed."),
        "page-opened": gettext("Your public page is open."),
        "search-changed": gettext("The search is changed."),
        "search-forgotten": gettext("The search is forgotten. Below it can be kept after all."),
        "search-moved": gettext("The search has another place."),
        "trash-emptied": gettext("What was in the trash is destroyed."),
    }
    return said.get(done)


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


def _inbox(session: Session, owner: int, item_id: int, undone: int) -> Message | None:
    """Say that a text is in the inbox, while it is; taking it out again is the undo, or the redo."""
    if not inbox.is_there(session, owner, item_id):
        return None
    if undone:
        redo = url_for("web.redo_text", item_id=item_id, batch_id=undone)
        return replace(_batch(session, owner, undone), undo=redo)
    undo = url_for("web.trash_item", item_id=item_id)
    return Message(gettext("The text is in your inbox."), undo=undo)


def _search(session: Session, owner: int, search_id: int) -> Message:
    kept = saved_searches.get(session, owner, search_id)
    undo = url_for("web.forget_search", search_id=search_id)
    return Message(gettext("This search is kept"), kept.name, undo)


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
