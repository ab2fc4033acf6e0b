"""Sharing: everything that one share holds is kept, in one transaction; text without a link in the inbox."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from linkhold.errors import BadInput
from linkhold.links import batches, inbox, merging, saving, shares, text
from linkhold.links.adding import NewLink, Saved
from linkhold.links.addresses import Rule
from linkhold.links.batches import Done
from linkhold.links.changes import Origin
from linkhold.links.drafting import Draft, Drafting, Limits
from linkhold.links.found import Found, joined
from linkhold.links.models import Batch, InboxItem, Link
from linkhold.links.shares import Share

MOST_LINKS = 500
"""More than these in one text are not saved at one go; the text is then kept in the inbox."""


@dataclass(frozen=True, slots=True)
class SharedLink:
    """A link that was saved from a share, and what that did to one that was known."""

    saved: Saved
    changed: bool
    tags_united: bool = False
    words_added: bool = False
    came_back: bool = False
    """Whether it came back from the trash."""


@dataclass(frozen=True, slots=True)
class Shared:
    """What became of a share."""

    links: tuple[SharedLink, ...] = ()
    batch: Done | None = None
    """The links' changes, which can be undone together."""
    item: InboxItem | None = None
    """What is in the inbox: all of a text without a link, or one of which not all could be a link's words."""
    too_many: int = 0
    """How many links there were, when that was more than are saved at one go."""

    @property
    def is_new(self) -> bool:
        """Whether there is anything that was not there before."""
        return self.item is not None or any(link.saved.created for link in self.links)


def share(session: Session, owner: int, sent: Share, *, drafting: Drafting, origin: Origin) -> Shared:
    """Keep all of a share: its links as one batch, or else its text in the inbox.

    A link that is known keeps its title, and gets the words that it lacks as notes. Raises `BadInput`
    for a share with nothing in it, and what `Drafting.draft` raises for tags and for characters that
    text cannot hold; nothing is kept then.
    """
    if sent.is_empty:
        raise BadInput("There is nothing to save: send a text or a url.", field="text")
    if not all(map(text.can_be_stored, (sent.text, sent.url, sent.title, sent.notes))):
        raise BadInput("The text contains a character that text cannot hold.", field="text")
    found = shares.links(sent, rule(drafting.limits))
    tags = drafting.tags(sent.tags)
    if not found or len(found) > MOST_LINKS:
        return Shared(item=_keep(session, owner, sent, tags, origin=origin), too_many=len(found))
    if len(found) > 1:
        _one_at_a_time(session, owner)
    drafts = [_draft(each, sent, tags, drafting) for each in found]
    saving.lock(session, owner, [draft for draft, _ in drafts])
    batch = batches.begin(session, owner, kind="shared", summary=_told(found), origin=origin)
    links, left = [], False
    for draft, whole in drafts:
        link, kept = _save(session, owner, draft, limits=drafting.limits, batch=batch, origin=origin)
        left = left or not (whole and kept)
        links.append(link)
    item = _keep(session, owner, sent, tags, origin=origin) if left else None
    changed = sum(link.changed for link in links)
    return Shared(tuple(links), batches.finish(session, batch, changed), item)


def _one_at_a_time(session: Session, owner: int) -> None:
    """Let shares of many links wait for one another: two with the same new links could deadlock."""
    session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended("linkhold.sharing", owner))))


def rule(limits: Limits) -> Rule:
    """Return which URLs of a text are links."""
    return Rule(limits.schemes, limits.url)


def _keep(session: Session, owner: int, sent: Share, tags: Sequence[str], *, origin: Origin) -> InboxItem:
    title = sent.title if sent.words else ""
    return inbox.keep(session, owner, sent.whole, title=title, tags=tags, unread=sent.unread, origin=origin)


def _draft(found: Found, sent: Share, tags: Sequence[str], drafting: Drafting) -> tuple[Draft, bool]:
    """Return what is saved of a link that was found, and whether that is all; words can be too many."""
    title, notes = found.title, found.notes
    if len(title) > drafting.limits.title:
        title, notes = "", joined(title, notes)
    whole = len(notes) <= drafting.limits.notes
    draft = drafting.draft(
        found.url, title=title, notes=notes if whole else "", tags=tags, unread=sent.unread
    )
    return draft, whole


def _save(
    session: Session, owner: int, draft: Draft, *, limits: Limits, batch: Batch, origin: Origin
) -> tuple[SharedLink, bool]:
    """Save a draft, and return also whether all of it was kept; a known link's notes may leave no room."""
    whole, before = True, None

    def beside(link: Link, draft: Draft) -> Draft:
        nonlocal whole, before
        before, added = _state(link), merging.beside(link, draft)
        whole = len(added.notes) <= limits.notes
        return added if whole else replace(added, notes="")

    saved = saving.save(session, owner, draft, origin=origin, batch=batch.id, beside=beside)
    if before is None:
        return SharedLink(saved, changed=True), whole
    changed, back, tags, words = (one != other for one, other in zip(before, _state(saved.link), strict=True))
    link = SharedLink(saved, changed=changed, came_back=back, tags_united=tags, words_added=words)
    return link, whole


def _state(link: Link | NewLink) -> tuple[object, ...]:
    return link.version, link.trashed_at, link.tags, (link.title, link.notes)


def _told(found: Sequence[Found]) -> str:
    return "shared a link" if len(found) == 1 else f"shared {len(found)} links"
