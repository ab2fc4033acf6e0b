"""Renaming, merging and deleting tags over a whole library, each as one batch that can be undone."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sqlalchemy import Row, select
from sqlalchemy.orm import Session

from linkhold.errors import BadInput, Conflict, NotFound
from linkhold.links import bulk, matching, tag_counts, tags, text
from linkhold.links.batches import Done
from linkhold.links.changes import Origin
from linkhold.links.models import Link
from linkhold.links.trees import Or, Tag


def rename(session: Session, owner: int, old: str, new: str, *, origin: Origin) -> Done:
    """Give a tag, and with it the tags below it, another name.

    `new` is checked and clean. Raises `NotFound`; `Conflict` when the library has a tag of the new
    name already, which `merge` is for; `BadInput` for a name below the tag's own.
    """
    source, target = tags.key(tags.tidy(old)), tags.key(new)
    if target.startswith(source + tags.SEPARATOR):
        raise BadInput("A tag cannot be moved below itself.", field="name")
    if target != source and _exists(session, owner, target):
        raise Conflict(f"There is a tag {new} already: merge the two if they are to be one.")
    return _replace(session, owner, {source: new}, summary=f"renamed tag {old} to {new}", origin=origin)


def merge(session: Session, owner: int, old: Sequence[str], new: str, *, origin: Origin) -> Done:
    """Make several tags one; the tags below each come to stand below it. Raises `NotFound`."""
    target = tags.key(new)
    sources = {tags.key(tags.tidy(tag)): new for tag in old}
    if any(target.startswith(source + tags.SEPARATOR) for source in sources):
        raise BadInput("A tag cannot be moved below itself.", field="into")
    summary = f"merged tags {', '.join(old)} into {new}"
    return _replace(session, owner, sources, summary=summary, origin=origin)


def delete(session: Session, owner: int, old: str, *, origin: Origin) -> Done:
    """Take a tag, and the tags below it, off all links. Raises `NotFound`."""
    key = tags.key(tags.tidy(old))
    return _replace(session, owner, {key: None}, summary=f"deleted tag {old}", origin=origin)


def _replace(
    session: Session, owner: int, sources: Mapping[str, str | None], *, summary: str, origin: Origin
) -> Done:
    known = all(map(text.can_be_stored, sources))
    ids = _tagged(session, owner, list(sources)) if known else ()
    if not ids:
        raise NotFound("No link of your library has this tag.")
    renamed = _renaming(sources)
    for source, name in sources.items():
        if name is not None and tags.key(name) == source:
            tag_counts.respell(session, owner, name)
    return bulk.each(
        session,
        owner,
        ids,
        lambda link: {"tags": renamed(link)},
        kind="edited",
        summary=summary,
        origin=origin,
    )


def _renaming(sources: Mapping[str, str | None]) -> Callable[[Row[Any]], list[str]]:
    """Return a function that tells which tags a link has afterwards. Pure."""

    def after(link: Row[Any]) -> list[str]:
        kept = [_renamed(tag, sources) for tag in link.tags]
        return tags.united([tag for tag in kept if tag is not None], [])

    return after


def _renamed(tag: str, sources: Mapping[str, str | None]) -> str | None:
    """Return a tag under its new name, itself if it is none of those, or None when it goes. Pure."""
    parts = tag.split(tags.SEPARATOR)
    for depth, key in enumerate(tags.lineage(tags.key(tag)), start=1):
        if key in sources:
            name = sources[key]
            return None if name is None else tags.SEPARATOR.join([name, *parts[depth:]])
    return tag


def _tagged(session: Session, owner: int, keys: Sequence[str]) -> Sequence[int]:
    """Return the links with any of the tags or one below, those in the trash too."""
    found = matching.indexed(owner, [Or(tuple(Tag(key) for key in keys))], trashed=True)
    return session.scalars(select(Link.id).where(Link.owner_id == owner, found)).all()


def _exists(session: Session, owner: int, key: str) -> bool:
    return bool(_tagged(session, owner, [key]))
