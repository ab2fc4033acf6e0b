"""One spelling for each tag of a library, also after an undo."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from linkhold.db.engine import direct
from linkhold.links import bulk, changes, matching, tag_counts, tags
from linkhold.links.changes import Difference, Origin
from linkhold.links.models import Change, Link
from linkhold.links.trees import Or, Tag


def brought(session: Session, owner: int, which: ColumnElement[bool]) -> set[str]:
    """Return the names of tags, and of those above them, that some changes wrote on links."""
    before = func.coalesce(Change.before["tags"], func.jsonb_build_array())
    query = select(before, Change.after["tags"]).where(
        Change.owner_id == owner, which, Change.after.has_key("tags")
    )
    found: set[str] = set()
    for was, became in session.execute(query.execution_options(yield_per=changes.BATCH)):
        found |= _names(became) - _names(was)
    return found


def coming_back(
    session: Session, owner: int, names: Iterable[str], respelled: Collection[str]
) -> dict[str, str]:
    """Return tags as they are written when an undo gives them back, by how they were written.

    A library may have come to write a tag in another way since. It keeps that, unless it has it from
    what is undone: `respelled` are the names that came with that.
    """
    wanted = sorted(set(names))
    now = {tags.key(name): name for name in tag_counts.spelled(direct(session), owner, wanted)}
    return {name: _respelled(name, now[tags.key(name)], respelled) for name in wanted}


def _respelled(was: str, now: str, respelled: Collection[str]) -> str:
    """Return a name whose parts are written as now, but for those that `respelled` brought. Pure."""
    pairs = zip(was.split(tags.SEPARATOR), now.split(tags.SEPARATOR), tags.lineage(now), strict=True)
    return tags.SEPARATOR.join(old if whole in respelled else new for old, new, whole in pairs)


def _names(written: Iterable[str]) -> set[str]:
    return {name for tag in written for name in tags.lineage(tag)}


def agree(session: Session, owner: int, names: Mapping[str, str], *, origin: Origin, batch: int) -> int:
    """Make names, by key, those of the library's tags, and respell links that write them otherwise.

    For an undo, whose links are as the history has them. Returns how many other links it changed;
    they belong to the same batch.
    """
    other = tag_counts.spelled_otherwise(session, owner, names)
    if not other:
        return 0

    def differences() -> Iterator[Difference]:
        for link in bulk.locked(session, owner, tagged(session, owner, list(other))):
            respelled = [tags.respelled(tag, other) for tag in link.tags]
            if respelled != link.tags:
                yield Difference(link, {"tags": respelled})

    done = changes.record(session, owner, differences(), kind="undone", origin=origin, batch=batch)
    # The shorter first: what is below a tag is respelled with it, and then has its own say.
    for key in sorted(other):
        tag_counts.respell(session, owner, other[key])
    return done


def tagged(session: Session, owner: int, keys: Sequence[str], *, trashed: bool = True) -> Sequence[int]:
    """Return the links with any of the tags or one below."""
    found = matching.indexed(owner, [Or(tuple(Tag(key) for key in keys))], trashed=trashed)
    return session.scalars(select(Link.id).where(Link.owner_id == owner, found)).all()
