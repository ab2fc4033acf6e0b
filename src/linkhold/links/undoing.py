"""Undo: of a change, a batch, or everything since a moment. An undo is itself a batch, and can be undone.

What something else changed afterwards is not trampled: it stays, and the answer says so.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, func, select
from sqlalchemy.orm import Session

from linkhold import clock
from linkhold.errors import Conflict, NotFound
from linkhold.links import batches, bulk, changes, identity, moving, reverting, spelling, tags
from linkhold.links.batches import Done
from linkhold.links.changes import BATCH, TYPES, Difference, Locked, Origin
from linkhold.links.models import Change, Link
from linkhold.links.moving import Settled
from linkhold.links.reverting import URL_FIELDS, Reverted, Step

MOST_TOLD = 100

DESTROYED = "It was destroyed when the trash was emptied, and cannot be brought back."
TAKEN = "Another link has the URL that this one had before."


@dataclass(frozen=True, slots=True)
class Left:
    """A link of which something could not be undone, and why."""

    link_id: int
    reason: str


@dataclass(frozen=True, slots=True)
class Undone:
    """What an undo did, as a batch, and what it left alone."""

    done: Done
    left: list[Left]
    """At most `MOST_TOLD` of them."""
    left_count: int


def undo_change(session: Session, owner: int, link_id: int, change_id: int, *, origin: Origin) -> Undone:
    """Undo one change of a link.

    Raises `NotFound` when the link has no such change, and `Conflict`, with the reason, when it
    cannot be undone: the link was destroyed, or was changed in the same place since.
    """
    change = session.get(Change, (owner, link_id, change_id))
    if change is None:
        raise NotFound("This link has no change by this id.")
    which = and_(Change.link_id == link_id, Change.id == change_id)
    undone = _undo(session, owner, which, summary=f"undid: {change.kind} link {link_id}", origin=origin)
    if undone.left and not undone.done.links:
        raise Conflict(undone.left[0].reason)
    return undone


def undo_batch(session: Session, owner: int, batch_id: int, *, origin: Origin) -> Undone:
    """Undo all changes of a batch that can be undone.

    Raises `NotFound`; `Conflict` when none of them can be.
    """
    batch = batches.get(session, owner, batch_id)
    undone = _undo(
        session, owner, Change.batch_id == batch_id, summary=f"undid: {batch.summary}", origin=origin
    )
    if undone.left and not undone.done.links:
        raise Conflict(f"Nothing of this batch can be undone. {undone.left[0].reason}")
    return undone


def undo_since(session: Session, owner: int, moment: datetime, *, origin: Origin) -> Undone:
    """Undo everything that happened to the library at or after a moment.

    Raises `Conflict` when something happened and none of it can be undone.
    """
    summary = f"undid everything since {moment.isoformat(timespec='seconds')}"
    undone = _undo(session, owner, Change.made_at >= moment, summary=summary, origin=origin)
    if undone.left and not undone.done.links:
        raise Conflict(f"Nothing that happened since can be undone. {undone.left[0].reason}")
    return undone


def _undo(
    session: Session, owner: int, which: ColumnElement[bool], *, summary: str, origin: Origin
) -> Undone:
    query = select(Change.link_id).where(Change.owner_id == owner, which).distinct()
    link_ids = sorted(session.scalars(query))
    batch = batches.begin(session, owner, kind="undone", summary=summary, origin=origin)
    undoing = _Undoing(session, owner, which, clock.now())
    undoing.settle_urls(link_ids)
    undoing.respelled = spelling.brought(session, owner, which)
    plan = undoing.planned(link_ids)
    count = changes.record(session, owner, plan, kind="undone", origin=origin, batch=batch.id)
    count += spelling.agree(session, owner, undoing.names, origin=origin, batch=batch.id)
    return Undone(batches.finish(session, batch, count), undoing.left, undoing.left_count)


@dataclass(slots=True)
class _Undoing:
    """One undo under way."""

    session: Session
    owner: int
    which: ColumnElement[bool]
    """What is to be undone."""
    moment: datetime
    settled: Settled = field(default_factory=Settled)
    respelled: set[str] = field(default_factory=set)
    """The names of tags that what is to be undone brought."""
    names: dict[str, str] = field(default_factory=dict)
    """How the tags that links come to have are written, by key."""
    left: list[Left] = field(default_factory=list)
    left_count: int = 0

    def settle_urls(self, link_ids: Sequence[int]) -> None:
        """Give the links whose URLs go back their identities, before anything else is written.

        A save may take one at any moment until then: the unique key says so, and the links that have
        them are looked for again. Those that find theirs taken are refused, and told of.
        """
        moved = self._moved()
        if not moved:
            return
        bulk.lock(self.session, self.owner, link_ids)
        wanted = {
            link.id: text
            for link, found in self._reverted(moved)
            if (text := _identity_after(link, found)) != link.identity
        }
        for _ in range(moving.TRIES):
            holders = moving.holders(self.session, self.owner, wanted.values())
            ids = {text: row.id for text, row in holders.items()}
            yielding = self._thrown_away({*ids.values()} & {*link_ids})
            self.settled = moving.settle(wanted, ids, yielding)
            if moving.take(self.session, self.owner, self.settled.granted):
                return
        raise Conflict("Links kept appearing by the URLs that others had before. Try again.")

    def _moved(self) -> list[int]:
        """Return the links that may have another identity then: as the history says, or as they gave way."""
        query = select(Change.link_id).where(Change.owner_id == self.owner, self.which)
        moved = self.session.scalars(query.where(Change.before.has_key("identity")).distinct())
        gave_way = select(Link.id).where(
            Link.owner_id == self.owner,
            Link.trashed_at.is_not(None),
            Link.identity.contains(identity.GAVE_WAY),
            Link.id.in_(query),
        )
        return sorted({*moved, *self.session.scalars(gave_way)})

    def planned(self, link_ids: Sequence[int]) -> Iterator[Difference]:
        """Yield what is to be different about links, and note what is left alone."""
        for start in range(0, len(link_ids), BATCH):
            some = link_ids[start : start + BATCH]
            links = list(self._reverted(some))
            written = self._written(found for _, found in links)
            for link, found in links:
                after = self._with_spelling(link, self._with_settled_url(link, found), written)
                if found.kept:
                    self._note(link.id, f"It was changed since: {', '.join(found.kept)}.")
                if after:
                    self._note_names(after.get("tags", ()))
                    yield Difference(link, after)
            for link_id in sorted({*some} - {link.id for link, _ in links}):
                self._note(link_id, DESTROYED)

    def _reverted(self, link_ids: Collection[int]) -> Iterator[tuple[Locked, Reverted]]:
        """Yield links, locked, with what the undo makes of them; those that were destroyed are missing."""
        ordered = sorted(link_ids)
        for start in range(0, len(ordered), BATCH):
            some = ordered[start : start + BATCH]
            links = list(bulk.locked(self.session, self.owner, some))
            steps = self._steps(some)
            for link in links:
                values = {name: getattr(link, name) for name in TYPES}
                yield link, reverting.reverted(values, steps[link.id], self.moment)

    def _steps(self, link_ids: Sequence[int]) -> dict[int, list[Step]]:
        """Return the changes of links from the first that is to be undone, the oldest first."""
        mine = and_(Change.owner_id == self.owner, Change.link_id.in_(link_ids))
        first = select(func.min(Change.id)).where(mine, self.which).scalar_subquery()
        columns = (Change.link_id, Change.kind, Change.before, Change.after, self.which.label("wanted"))
        query = select(*columns).where(mine, Change.id >= first).order_by(Change.link_id, Change.id)
        steps: dict[int, list[Step]] = {}
        for row in self.session.execute(query):
            earlier = steps.setdefault(row.link_id, [])
            # What came before a link's first change that is to be undone has no say.
            if row.wanted or earlier:
                earlier.append(Step(row.kind, row.before, row.after, bool(row.wanted)))
        return steps

    def _thrown_away(self, link_ids: Collection[int]) -> set[int]:
        """Return the links that this undo moves to the trash because it undoes that they were added."""
        return {link.id for link, found in self._reverted(link_ids) if _goes(link, found)}

    def _with_settled_url(self, link: Locked, found: Reverted) -> dict[str, Any]:
        text, yields = _identity_after(link, found), self.settled.given_way(link.id)
        refused = text not in {link.identity, self.settled.granted.get(link.id)}
        if refused and not _goes(link, found):
            self._note(link.id, TAKEN)
        after = {name: value for name, value in found.after.items() if name != "identity"}
        if not refused and not yields:
            return after if text == link.identity else after | {"identity": text}
        if not yields and identity.own(link.identity) is not None:
            return {}  # without a URL of its own it stays in the trash
        after = {name: value for name, value in after.items() if name not in URL_FIELDS}
        return after | {"identity": self.settled.granted[link.id]} if yields else after

    def _written(self, found: Iterable[Reverted]) -> Mapping[str, str]:
        names = {name for each in found for name in each.after.get("tags", ())}
        return spelling.coming_back(self.session, self.owner, names, self.respelled)

    def _with_spelling(
        self, link: Locked, after: dict[str, Any], written: Mapping[str, str]
    ) -> dict[str, Any]:
        if "tags" not in after:
            return after
        names = [written[name] for name in after["tags"]]
        left = {name: value for name, value in after.items() if name != "tags"}
        return left if names == link.tags else left | {"tags": names}

    def _note(self, link_id: int, reason: str) -> None:
        self.left_count += 1
        if len(self.left) < MOST_TOLD:
            self.left.append(Left(link_id, reason))

    def _note_names(self, names: Collection[str]) -> None:
        for tag in names:
            for key, name in tags.names(tag).items():
                self.names.setdefault(key, name)


def _goes(link: Locked, found: Reverted) -> bool:
    return found.addition and found.after.get("trashed_at", link.trashed_at) is not None


def _identity_after(link: Locked, found: Reverted) -> str:
    """Return the identity that a link is to have: outside the trash, where none gives way, its own."""
    text: str = found.after.get("identity", link.identity)
    trashed = found.after.get("trashed_at", link.trashed_at) is not None
    return text if trashed else identity.own(text) or text
