"""Undo: of a change, a batch, or everything since a moment. An undo is itself a batch, and can be undone.

What something else changed afterwards is not trampled: it stays, and the answer says so.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, and_, select
from sqlalchemy.orm import Session

from linkhold import clock
from linkhold.errors import Conflict, NotFound
from linkhold.links import batches, bulk, changes, tags
from linkhold.links.batches import Done
from linkhold.links.changes import BATCH, TYPES, Difference, Locked, Origin
from linkhold.links.identity import Identity
from linkhold.links.models import Change, Link

# What a link has when its first change does not say.
BLANK: dict[str, Any] = {"title": "", "description": "", "notes": "", "tags": []} | dict.fromkeys(
    ("unread", "archived", "shared"), False
)
URL_FIELDS = ("url", "identity", "identity_version")
MOST_TOLD = 100

DESTROYED = "It was destroyed when the trash was emptied, and cannot be brought back."


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
    """Undo everything that happened to the library at or after a moment."""
    return _undo(
        session,
        owner,
        Change.made_at >= moment,
        summary=f"undid everything since {moment.isoformat(timespec='seconds')}",
        origin=origin,
    )


def _undo(
    session: Session, owner: int, which: ColumnElement[bool], *, summary: str, origin: Origin
) -> Undone:
    query = select(Change.link_id).where(Change.owner_id == owner, which).distinct()
    link_ids = sorted(session.scalars(query))
    batch = batches.begin(session, owner, kind="undone", summary=summary, origin=origin)
    report = _Report()
    plan = (
        difference
        for start in range(0, len(link_ids), BATCH)
        for difference in _planned(session, owner, link_ids[start : start + BATCH], which, report=report)
    )
    count = changes.record(session, owner, plan, kind="undone", origin=origin, batch=batch.id)
    return Undone(batches.finish(session, batch, count), report.left, report.count)


@dataclass(slots=True)
class _Report:
    """Notes what is left alone."""

    left: list[Left] = field(default_factory=list)
    count: int = 0

    def note(self, link_id: int, reason: str) -> None:
        self.count += 1
        if len(self.left) < MOST_TOLD:
            self.left.append(Left(link_id, reason))


def _planned(
    session: Session, owner: int, link_ids: Sequence[int], which: ColumnElement[bool], *, report: _Report
) -> Iterator[Difference]:
    links = {link.id: link for link in bulk.locked(session, owner, link_ids)}
    query = select(Change.link_id, Change.kind, Change.before, Change.after)
    query = query.where(Change.owner_id == owner, Change.link_id.in_(link_ids), which)
    histories: dict[int, list[Row[Any]]] = {}
    for change in session.execute(query.order_by(Change.link_id, Change.id.desc())):
        histories.setdefault(change.link_id, []).append(change)
    taken = _Taken(session, owner)
    for link_id, history in histories.items():
        link = links.get(link_id)
        if link is None:
            if any(change.kind != "destroyed" for change in history):
                report.note(link_id, DESTROYED)
            continue
        after, kept = undone(_values(link), history, clock.now())
        if "identity" in after and taken.by_another(link_id, after["identity"]):
            after = {name: value for name, value in after.items() if name not in URL_FIELDS}
            report.note(link_id, "Another link has the URL that this one had before.")
        if kept:
            report.note(link_id, f"It was changed since: {', '.join(kept)}.")
        if after:
            yield Difference(link, after)


def undone(
    now: Mapping[str, Any], history: Iterable[Row[Any]], moment: datetime
) -> tuple[dict[str, Any], list[str]]:
    """Return what undoing changes, the newest first, makes of a link, and the fields that must stay. Pure.

    `now` has the link's fields as they are. A field goes back only from what the change made of it;
    tags go back one by one. What was trashed before is trashed again as of `moment`, so that the
    trash's retention begins anew.
    """
    values, kept = dict(now), dict[str, None]()
    for change in history:
        if change.kind == "added":
            _undo_addition(values, kept, change.after, moment)
            continue
        for name, before in change.before.items():
            old, new = _read(name, before), _read(name, change.after.get(name))
            if name == "tags":
                values["tags"] = _tags_back(values["tags"], before=old, after=new)
            elif values[name] == new or (name == "trashed_at" and bool(values[name]) == bool(new)):
                values[name] = moment if name == "trashed_at" and old else old
            elif values[name] != old:
                kept[name] = None
    after = {name: value for name, value in values.items() if value != now[name]}
    return after, [name for name in kept if name not in URL_FIELDS[1:]]


def _undo_addition(
    values: dict[str, Any], kept: dict[str, None], added: Mapping[str, Any], moment: datetime
) -> None:
    """Move a link that was added to the trash, unless it has become more than what was added."""
    if values["trashed_at"] is not None:
        return
    changed = [name for name, blank in BLANK.items() if values[name] != added.get(name, blank)]
    if changed:
        kept.update(dict.fromkeys(changed))
    else:
        values["trashed_at"] = moment


def _tags_back(current: list[str], *, before: list[str], after: list[str]) -> list[str]:
    """Take away the tags that a change added, and give back those it removed; leave all others."""
    was, became = {tags.key(tag) for tag in before}, {tags.key(tag) for tag in after}
    left = [tag for tag in current if tags.key(tag) not in became - was]
    back = [tag for tag in before if tags.key(tag) not in became]
    united = {tags.key(tag): tag for tag in tags.united(left, back)}
    # Where nothing else happened, the order and the spelling are those of before.
    if set(united) == was:
        return list(before)
    return list(united.values())


def _read(name: str, value: Any) -> Any:  # noqa: ANN401 - any value of a field
    """Return a value of the history as a link has it."""
    return datetime.fromisoformat(value) if name == "trashed_at" and value is not None else value


def _values(link: Locked) -> dict[str, Any]:
    return {name: getattr(link, name) for name in TYPES}


class _Taken:
    """Tells whether another link has an identity, in the library or by this very undo."""

    def __init__(self, session: Session, owner: int) -> None:
        self._session, self._owner = session, owner
        self._given: set[str] = set()

    def by_another(self, link_id: int, identity: str) -> bool:
        query = select(Link.id).where(
            Link.owner_id == self._owner,
            Link.identity_hash == Identity(identity).hash,
            Link.id != link_id,
        )
        if identity in self._given or self._session.scalar(query) is not None:
            return True
        self._given.add(identity)
        return False
