"""Links that change their identities together: who gets which, and the writing of it.

One may wait for what another has, as in a chain or a swap, and the unique key of the database knows
no later: so all of them let go first, and then each takes what is its own.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, TypeVar

import orjson
from sqlalchemy import Row, select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from linkhold.errors import Conflict
from linkhold.links import identity
from linkhold.links.identity import Identity
from linkhold.links.models import Link

T = TypeVar("T")

BATCH = 1000
# As often as this, another save may take an identity between the look and the write.
TRIES = 5

LET_GO = text("""
    UPDATE links SET identity_hash = sha256(convert_to('on the move ' || id, 'UTF8'))
    WHERE owner_id = :owner_id AND id = ANY(:ids)
""")
TAKE = text("""
    UPDATE links SET identity_hash = CAST(new.hash AS bytea)
    FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS new (id bigint, hash text)
    WHERE links.owner_id = :owner_id AND links.id = new.id
""")


@dataclass(frozen=True, slots=True)
class Settled:
    """Which links come to have which identity, and which cannot have what they were to have."""

    granted: dict[int, str] = field(default_factory=dict)
    """With those that give way: they come to have what nothing else can have."""
    refused: frozenset[int] = frozenset()

    def given_way(self, link_id: int) -> bool:
        """Tell whether a link leaves its identity to another."""
        return identity.own(self.granted.get(link_id, "")) is not None


def settle(wanted: Mapping[int, str], holders: Mapping[str, int], yielding: Collection[int]) -> Settled:
    """Return what becomes of links that are to have other identities. Pure.

    `holders` has the links that have those identities now. One of them does not stand in the way when
    it moves away itself, or when it is `yielding`: then it gives way.
    """
    granted = dict(sorted(wanted.items()))
    while True:
        first: dict[str, int] = {}
        for link_id, text_ in granted.items():
            first.setdefault(text_, link_id)
        refused = [
            link_id
            for link_id, text_ in granted.items()
            if first[text_] != link_id or not _is_free(holders.get(text_), link_id, granted, yielding)
        ]
        if not refused:
            break
        for link_id in refused:
            del granted[link_id]
    left = [(text_, holders[text_]) for text_ in first if holders.get(text_) not in {None, *granted}]
    marks = {holder: identity.given_way(text_, holder) for text_, holder in left}
    return Settled(granted | marks, frozenset(wanted.keys() - granted.keys()))


def _is_free(holder: int | None, link_id: int, moving: Collection[int], yielding: Collection[int]) -> bool:
    return holder is None or holder == link_id or holder in moving or holder in yielding


def holders(session: Session, owner: int, identities: Iterable[str]) -> dict[str, Row[Any]]:
    """Return the links that have some identities, by those: their id, URL and whether they are trashed."""
    found: dict[str, Row[Any]] = {}
    columns = (Link.id, Link.url, Link.identity, Link.trashed_at)
    for some in _some(sorted(set(identities))):
        hashes = [Identity(each).hash for each in some]
        query = select(*columns).where(Link.owner_id == owner, Link.identity_hash.in_(hashes))
        found |= {row.identity: row for row in session.execute(query)}
    return found


def take(session: Session, owner: int, granted: Mapping[int, str]) -> bool:
    """Make identities those of links, all at once; False, and nothing done, when a save took one meanwhile.

    It writes what is unique and nothing else: the caller records the difference in this transaction,
    and must have locked the links.
    """
    try:
        with session.begin_nested():
            for ids in _some(granted):
                session.execute(LET_GO, {"owner_id": owner, "ids": ids})
            for some in _some(granted.items()):
                rows = [{"id": each, "hash": f"\\x{_hash(text_)}"} for each, text_ in some]
                session.execute(TAKE, {"owner_id": owner, "rows": orjson.dumps(rows).decode()})
    except IntegrityError:
        return False
    return True


def taken_back(session: Session, owner: int, link_id: int, kept: str) -> Mapping[str, Any]:
    """Give a link that gave way its identity again, and return the difference; nothing for any other.

    For whatever takes a link out of the trash, which must have locked it: two links outside it could
    have one URL otherwise. Raises `Conflict` when another link has it.
    """
    own = identity.own(kept)
    if own is None:
        return {}
    holder = holders(session, owner, [own]).get(own)
    if holder is not None and holder.id != link_id:
        where = "" if holder.trashed_at is None else ", in the trash,"
        raise Conflict(f"Link {holder.id} of your library{where} has this URL.")
    if not take(session, owner, {link_id: own}):
        # A save came between the look and the write, or another link of this act had given way to the same.
        raise Conflict("Another link of your library has this URL.")
    return {"identity": own}


def _hash(identity_text: str) -> str:
    return hashlib.sha256(identity_text.encode()).hexdigest()


def _some(all_of_them: Iterable[T]) -> Iterator[list[T]]:
    remaining = iter(all_of_them)
    while some := list(islice(remaining, BATCH)):
        yield some
