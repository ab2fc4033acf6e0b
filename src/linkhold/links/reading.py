"""Reading a library: one link, a page of the newest, and all URLs in the order they were saved."""

from __future__ import annotations

import base64
import binascii
import struct
from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Self, TypeAlias

from sqlalchemy import select, text, tuple_
from sqlalchemy.orm import Session

from linkhold.errors import BadInput, NotFound, Outdated
from linkhold.links.identity import Identity
from linkhold.links.models import Link

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
CURSOR = struct.Struct(">qq")  # microseconds since 1970, the id of the link

# A batch of URLs as one JSON text, made by PostgreSQL: it costs Python nothing for each row. Each
# batch is a statement of its own, so that a slow reader holds no connection and no snapshot.
URL_BATCH = text("""
    SELECT string_agg(CAST(to_json(url) AS text), ',' ORDER BY id), max(id)
    FROM (
        SELECT id, url FROM links
        WHERE owner_id = :owner_id AND id > :after AND trashed_at IS NULL
        ORDER BY id
        LIMIT :size
    ) AS batch
""")


@dataclass(frozen=True, slots=True)
class Cursor:
    """A place in a listing, newest first: the moment and the id of the last link that was seen."""

    moment: datetime
    id: int

    def __str__(self) -> str:
        """Return it as a client carries it: opaque, safe in a URL."""
        packed = CURSOR.pack((self.moment - EPOCH) // timedelta(microseconds=1), self.id)
        return base64.urlsafe_b64encode(packed).decode().rstrip("=")

    @classmethod
    def parse(cls, value: str) -> Self:
        """Read what `str` wrote; raises `BadInput` for anything else."""
        try:
            packed = base64.b64decode(value + "=" * (-len(value) % 4), altchars=b"-_", validate=True)
            microseconds, link_id = CURSOR.unpack(packed)
            return cls(EPOCH + timedelta(microseconds=microseconds), link_id)
        except (binascii.Error, ValueError, struct.error, OverflowError):
            raise BadInput(
                "This cursor is not valid: leave it out to begin with the newest.", field="cursor"
            ) from None


@dataclass(frozen=True, slots=True)
class Page:
    """Some links of a listing, and the cursor of what follows; None at the end."""

    links: list[Link]
    next: Cursor | None


def get(session: Session, owner: int, link_id: int) -> Link:
    """Return a link, also one in the trash; raises `NotFound`, for another account's link too."""
    link = session.get(Link, (owner, link_id))
    if link is None:
        raise NotFound("There is no link by this id in your library.")
    return link


def known(session: Session, owner: int, identity: Identity) -> Link | None:
    """Return the link of an identity, also one in the trash; None when the library has none."""
    query = select(Link).where(Link.owner_id == owner, Link.identity_hash == identity.hash)
    return session.scalar(query)


def locked(session: Session, owner: int, link_id: int) -> Link:
    """Return a link as `get` does, locked until the transaction ends, for an act that changes it."""
    link = session.get(Link, (owner, link_id), with_for_update=True)
    if link is None:
        raise NotFound("There is no link by this id in your library.")
    return link


Seen: TypeAlias = Collection[int] | None
"""The versions of a link that a client decided by; None when any will do."""


def refuse_outdated(link: Link, seen: Seen) -> None:
    """Raise `Outdated` when a link has another version than those that a client decided by."""
    if seen is not None and link.version not in seen:
        raise Outdated


def newest(
    session: Session, owner: int, *, limit: int, after: Cursor | None = None, trashed: bool = False
) -> Page:
    """Return a page of links, the newest save first, or of the trash, the last trashed first.

    `after` is the cursor of the page before. Any page costs what the first one costs.
    """
    moment = Link.trashed_at if trashed else Link.created_at
    query = select(Link).where(Link.owner_id == owner)
    query = query.where(Link.trashed_at.is_not(None) if trashed else Link.trashed_at.is_(None))
    if after is not None:
        query = query.where(tuple_(moment, Link.id) < (after.moment, after.id))
    links = list(session.scalars(query.order_by(moment.desc(), Link.id.desc()).limit(limit + 1)))
    if len(links) <= limit:
        return Page(links, None)
    last = links[limit - 1]
    return Page(links[:limit], Cursor(last.trashed_at or last.created_at, last.id))


def url_batch(session: Session, owner: int, *, after: int, size: int) -> tuple[str, int] | None:
    """Return up to `size` URLs saved after the link `after` (0 for all), oldest first, without the trash.

    The URLs are JSON strings with commas between; beside them stands the id to go on from. None
    when there are no more.
    """
    row = session.execute(URL_BATCH, {"owner_id": owner, "after": after, "size": size}).one()
    return None if row[1] is None else (row[0], row[1])
