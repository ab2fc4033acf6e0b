"""Acts on many links at once, each of them one batch that can be undone."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, select
from sqlalchemy.orm import Session

from linkhold import clock
from linkhold.db.engine import direct
from linkhold.errors import BadInput, Conflict, LimitExceeded
from linkhold.links import batches, changes, history, moving, tag_counts, tags
from linkhold.links.batches import Done
from linkhold.links.changes import BATCH, COLUMNS, Difference, Kind, Origin
from linkhold.links.drafting import LIMITS
from linkhold.links.models import Link


@dataclass(frozen=True, slots=True)
class BulkEdit:
    """What is to become of many links; None, or no tags, leaves as it is."""

    add_tags: Sequence[str] = ()
    remove_tags: Sequence[str] = ()
    unread: bool | None = None
    archived: bool | None = None
    shared: bool | None = None
    most_tags: int = LIMITS.tags
    """How many tags it may give one link."""


def edit(session: Session, owner: int, ids: Iterable[int], wanted: BulkEdit, *, origin: Origin) -> Done:
    """Give many links tags and states, and take tags from them; the trash is passed over.

    Raises `BadInput` when nothing is wanted, and `LimitExceeded`, which names the link, when one would
    come to have too many tags: none is changed then.
    """
    summary = _told(wanted)
    if not summary:
        raise BadInput("Say what to change: add_tags, remove_tags, unread, archived or shared.")
    added = tag_counts.spelled(direct(session), owner, wanted.add_tags)
    removed = {tags.key(tag) for tag in wanted.remove_tags}
    states = _states(wanted)

    def after(link: Row[Any]) -> Mapping[str, Any]:
        left = [tag for tag in link.tags if tags.key(tag) not in removed]
        united = tags.united(left, added)
        _refuse_many(link, united, wanted.most_tags)
        return {"tags": united, **states}

    return each(session, owner, ids, after, kind="edited", summary=summary, origin=origin, trashed=False)


def _refuse_many(link: Row[Any], names: Sequence[str], most: int) -> None:
    """Raise `LimitExceeded` for too many tags, unless the link has them all already."""
    if len(names) > most and not set(map(tags.key, names)) <= set(map(tags.key, link.tags)):
        raise LimitExceeded(
            f"Link {link.id} would have {len(names)} tags: a link can have at most {most}.", field="add_tags"
        )


def trash(session: Session, owner: int, ids: Iterable[int], *, origin: Origin) -> Done:
    """Move many links to the trash."""
    now = clock.now()
    return each(
        session,
        owner,
        ids,
        lambda _: {"trashed_at": now},
        kind="trashed",
        summary="moved to the trash",
        origin=origin,
        trashed=False,
    )


def restore(session: Session, owner: int, ids: Iterable[int], *, origin: Origin) -> Done:
    """Take many links out of the trash; one whose URL another link has meanwhile is passed over."""

    def after(link: Row[Any]) -> Mapping[str, Any]:
        try:
            return {"trashed_at": None, **moving.taken_back(session, owner, link.id, link.identity)}
        except Conflict:
            return {}

    return each(
        session,
        owner,
        ids,
        after,
        kind="restored",
        summary="taken out of the trash",
        origin=origin,
        trashed=True,
    )


def each(
    session: Session,
    owner: int,
    ids: Iterable[int],
    after: Callable[[Row[Any]], Mapping[str, Any]],
    *,
    kind: Kind,
    summary: str,
    origin: Origin,
    trashed: bool | None = None,
) -> Done:
    """Change every link of the ids as `after` says of it, as one batch.

    `trashed` chooses among them: those in the trash, those that are not, or all (None).
    """
    batch = batches.begin(session, owner, kind=kind, summary=summary, origin=origin)

    def differences() -> Iterator[Difference]:
        for link in locked(session, owner, ids):
            if trashed is not None and trashed != (link.trashed_at is not None):
                continue
            changed = {name: value for name, value in after(link).items() if value != getattr(link, name)}
            if changed:
                yield Difference(link, changed)

    done = changes.record(session, owner, differences(), kind=kind, origin=origin, batch=batch.id)
    return batches.finish(session, batch, done)


def locked(session: Session, owner: int, ids: Iterable[int]) -> Iterator[Row[Any]]:
    """Yield links by id, locked until the transaction ends; ids that are not the owner's are passed over.

    All acts lock in the order of ids, so that two of them never wait for each other.
    """
    ordered = sorted(set(ids))
    columns = [getattr(Link, name) for name in COLUMNS]
    for start in range(0, len(ordered), BATCH):
        some = ordered[start : start + BATCH]
        query = select(*columns).where(Link.owner_id == owner, Link.id.in_(some)).order_by(Link.id)
        yield from session.execute(query.with_for_update()).all()


def lock(session: Session, owner: int, ids: Iterable[int]) -> None:
    """Lock links in the order of ids, for an act that looks at some of them first."""
    ordered = sorted(set(ids))
    for start in range(0, len(ordered), BATCH):
        query = select(Link.id).where(Link.owner_id == owner, Link.id.in_(ordered[start : start + BATCH]))
        session.execute(query.order_by(Link.id).with_for_update())


def _told(wanted: BulkEdit) -> str:
    """Say what an edit does, in words for a person."""
    said = []
    if wanted.add_tags:
        said.append(f"added {_tags(wanted.add_tags)}")
    if wanted.remove_tags:
        said.append(f"removed {_tags(wanted.remove_tags)}")
    for name, value in _states(wanted).items():
        yes, no = history.STATES[name]
        said.append(yes if value else no)
    return "; ".join(said)


def _states(wanted: BulkEdit) -> dict[str, bool]:
    given = {name: getattr(wanted, name) for name in ("unread", "archived", "shared")}
    return {name: value for name, value in given.items() if value is not None}


def _tags(names: Sequence[str]) -> str:
    return f"{'tag' if len(names) == 1 else 'tags'} {', '.join(names)}"
