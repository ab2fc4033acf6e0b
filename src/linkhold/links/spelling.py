"""One spelling for each tag of a library, also after an undo."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from linkhold.links import bulk, changes, matching, tag_counts, tags
from linkhold.links.changes import Difference, Origin
from linkhold.links.models import Link
from linkhold.links.trees import Or, Tag


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
