"""Saving a link: the act that everything else exists for."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, TypeAlias

import orjson
from sqlalchemy import select
from sqlalchemy.orm import Session

from linkhold import clock
from linkhold.db.engine import direct
from linkhold.db.pool import Direct
from linkhold.errors import Conflict
from linkhold.links import changes, derived, merging, tag_counts, tags
from linkhold.links.changes import Difference, Origin
from linkhold.links.derived import Content
from linkhold.links.drafting import TEXTS, Draft
from linkhold.links.models import Change, Link

# The link and its first change in one statement, and so in one round trip. Of many that save one
# URL at once, the unique key lets one insert; the others wait for its commit and then get no row.
LINK = """
    WITH added AS (
        INSERT INTO links (owner_id, url, identity, identity_hash, identity_version, title, description,
                           notes, tags, unread, archived, shared, created_at, changed_at, version,
                           title_key, resembles, search)
        VALUES (%(owner_id)s, %(url)s, %(identity)s, %(identity_hash)s, %(identity_version)s, %(title)s,
                %(description)s, %(notes)s, %(tags)s, %(unread)s, %(archived)s, %(shared)s, %(now)s, %(now)s,
                1, %(title_key)s, %(resembles)s, %(search)s::text::tsvector)
        ON CONFLICT (owner_id, identity_hash) DO NOTHING
        RETURNING id
    )"""
TAGS = """, named AS (
        INSERT INTO tags (owner_id, key, name, links, below)
        SELECT %(owner_id)s, new.key, new.name, 0, 0
        FROM added, unnest(%(tag_keys)s::text[], %(tag_names)s::text[]) AS new (key, name)
        ON CONFLICT (owner_id, key) DO NOTHING
    ), counted AS (
        INSERT INTO tag_differences (owner_id, key, links, below)
        SELECT %(owner_id)s, new.key, new.links, 1
        FROM added, unnest(%(tag_keys)s::text[], %(tag_links)s::int[]) AS new (key, links)
    )"""
CHANGE = """
    INSERT INTO changes (owner_id, link_id, kind, door, token, made_at, before, after, batch_id)
    SELECT %(owner_id)s, id, 'added', %(door)s, %(token)s, %(now)s, '{}', %(after)s::jsonb, %(batch_id)s
    FROM added
    RETURNING link_id
"""
ADD = LINK + CHANGE
ADD_TAGGED = LINK + TAGS + CHANGE

# A link can vanish between "it is there" and "lock it" only when the trash is emptied at that
# moment; the second try then adds it. More tries than this mean that something else is wrong.
TRIES = 5


Beside: TypeAlias = Callable[[Link, Draft], Draft]
"""What a draft becomes when its link turns out to be known: only then, and with the link locked."""

WRITTEN = ("url", *TEXTS, "tags", *merging.STATES)


@dataclass(frozen=True, slots=True)
class NewLink:
    """A link as it was just added: what `models.Link` has, without the cost of a mapped object."""

    id: int
    url: str
    title: str
    description: str
    notes: str
    tags: list[str]
    unread: bool
    archived: bool
    shared: bool
    created_at: datetime
    changed_at: datetime
    trashed_at: None = None
    version: int = 1


@dataclass(frozen=True, slots=True)
class Saved:
    """A link that was saved, and whether it is new in its library."""

    link: Link | NewLink
    created: bool


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
    for _ in range(TRIES):
        added = _insert(direct(session), owner, draft, origin=origin, batch=batch)
        if added is not None:
            return added
        found = _known(session, owner, draft)
        if found is not None:
            _merge(session, found, beside(found, draft), origin=origin, batch=batch)
            return Saved(found, created=False)
    raise Conflict("This link kept appearing and vanishing while it was saved. Try again.")


def add(connection: Direct, owner: int, draft: Draft, *, origin: Origin) -> Saved | None:
    """Add an unknown link with its first change; None, and nothing done, when the library has it.

    To be called in autocommit: the addition is one statement, and durable when this returns. Tags that
    are new are claimed by a statement before it.
    """
    if draft.tags:
        draft = replace(draft, tags=tag_counts.claimed(connection, owner, draft.tags))
    return _insert(connection, owner, draft, origin=origin)


def lock(session: Session, owner: int, drafts: Iterable[Draft]) -> None:
    """Lock those links of drafts that the library has, in the order of ids, for an act that saves several."""
    hashes = [draft.identity.hash for draft in drafts]
    query = select(Link.id).where(Link.owner_id == owner, Link.identity_hash.in_(hashes))
    session.execute(query.order_by(Link.id).with_for_update())


def _spelled(connection: Direct, owner: int, draft: Draft) -> Draft:
    return replace(draft, tags=tag_counts.spelled(connection, owner, draft.tags)) if draft.tags else draft


def _insert(
    connection: Direct, owner: int, draft: Draft, *, origin: Origin, batch: int | None = None
) -> Saved | None:
    values = {name: getattr(draft, name) for name in WRITTEN}
    told = {name: value for name, value in values.items() if value}
    content = Content(draft.identity.text, *(values[name] for name in WRITTEN[1:]))
    now = clock.now()
    row = connection.execute(
        ADD_TAGGED if draft.tags else ADD,
        {
            **values,
            **derived.columns(owner, content),
            **(_tag_rows(draft.tags) if draft.tags else {}),
            "identity": draft.identity.text,
            "identity_hash": draft.identity.hash,
            "identity_version": draft.identity.version,
            "owner_id": owner,
            "now": now,
            "door": origin.door,
            "token": origin.token,
            "after": orjson.dumps(told).decode(),
            "batch_id": batch,
        },
        prepare=True,
    ).fetchone()
    if row is None:
        return None
    return Saved(NewLink(row[0], created_at=now, changed_at=now, **values), created=True)


def _tag_rows(names: list[str]) -> dict[str, list[Any]]:
    named = {key: name for tag in names for key, name in tags.names(tag).items()}
    counted = tags.counts(names)
    keys = sorted(counted)
    return {
        "tag_keys": keys,
        "tag_names": [named[key] for key in keys],
        "tag_links": [counted[key][0] for key in keys],
    }


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
