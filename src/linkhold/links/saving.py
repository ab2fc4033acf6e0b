"""Saving a link: the act that everything else exists for."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import TypeAlias

from sqlalchemy import select
from sqlalchemy.orm import Session

from linkhold.db.engine import direct
from linkhold.db.pool import Direct
from linkhold.errors import Conflict
from linkhold.links import adding, changes, merging, tag_counts
from linkhold.links.adding import Saved
from linkhold.links.changes import Difference, Origin
from linkhold.links.drafting import Draft
from linkhold.links.models import Change, Link

# A link can vanish between "it is there" and "lock it" only when the trash is emptied at that
# moment; the second try then adds it. More tries than this mean that something else is wrong.
TRIES = 5


Beside: TypeAlias = Callable[[Link, Draft], Draft]
"""What a draft becomes when its link turns out to be known: only then, and with the link locked."""


def save(
    session: Session,
    owner: int,
    draft: Draft,
    *,
    origin: Origin,
    batch: int | None = None,
    beside: Beside = lambda _, draft: draft,
) -> Saved:
    """Save a link into the library of `owner`, durably once the caller commits.

    An unknown link is added. A known one, told by its identity, is merged: tags are united, what
    is blank overwrites nothing, and it comes back from the trash. Each difference is recorded.
    Repeating a save is always safe, and any number of them at once make one link. `beside` has a say
    in what is merged into a known link.
    """
    draft = _spelled(direct(session), owner, draft)
    addition = adding.prepared(owner, draft, origin=origin, batch=batch)
    for _ in range(TRIES):
        [added] = adding.insert(direct(session), owner, [addition])
        if added is not None:
            return added
        found = _known(session, owner, draft)
        if found is not None:
            _merge(session, found, beside(found, draft), origin=origin, batch=batch)
            return Saved(found, created=False)
    raise Conflict("This link kept appearing and vanishing while it was saved. Try again.")


def lock(session: Session, owner: int, drafts: Iterable[Draft]) -> None:
    """Lock those links of drafts that the library has, in the order of ids, for an act that saves several."""
    hashes = [draft.identity.hash for draft in drafts]
    query = select(Link.id).where(Link.owner_id == owner, Link.identity_hash.in_(hashes))
    session.execute(query.order_by(Link.id).with_for_update())


def _spelled(connection: Direct, owner: int, draft: Draft) -> Draft:
    return replace(draft, tags=tag_counts.spelled(connection, owner, draft.tags)) if draft.tags else draft


def _known(session: Session, owner: int, draft: Draft) -> Link | None:
    """Return the link of this identity, locked until the transaction ends."""
    return session.scalar(
        select(Link)
        .where(Link.owner_id == owner, Link.identity_hash == draft.identity.hash)
        .with_for_update()
        .execution_options(populate_existing=True)
    )


def _merge(session: Session, link: Link, draft: Draft, *, origin: Origin, batch: int | None) -> None:
    after = dict(merging.differences(link, draft))
    if link.trashed_at is not None:
        after["trashed_at"] = None
    # Another form of the URL is not kept on the link, but what was sent is never lost.
    sent_url = draft.url if draft.url != link.url else None
    # A program that sends that form again and again tells nothing new by it.
    if not after and (sent_url is None or sent_url == _last_sent(session, link)):
        return
    difference = Difference(link, after, sent_url)
    changes.record(session, link.owner_id, [difference], kind="merged", origin=origin, batch=batch)


def _last_sent(session: Session, link: Link) -> str | None:
    """Return the other form of the URL that came with the last change of a link."""
    query = select(Change.sent_url).where(Change.owner_id == link.owner_id, Change.link_id == link.id)
    return session.scalar(query.order_by(Change.id.desc()).limit(1))
