"""Renaming, merging and deleting tags over a whole library, each as one batch that can be undone."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sqlalchemy import Row
from sqlalchemy.orm import Session

from linkhold.db.engine import direct
from linkhold.errors import BadInput, Conflict, NotFound
from linkhold.links import bulk, spelling, tag_counts, tags, text
from linkhold.links.batches import Done
from linkhold.links.changes import Origin
from linkhold.links.drafting import LIMITS


def rename(
    session: Session, owner: int, old: str, new: str, *, origin: Origin, longest: int = LIMITS.tag
) -> Done:
    """Give a tag, and with it the tags below it, another name.

    `new` is checked and clean; the tags above it are written as the library writes them. Raises
    `NotFound`; `Conflict` when the library has a tag of the new name already, which `merge` is for;
    `BadInput` for a name below the tag's own; `LimitExceeded`, and nothing is renamed, when a tag
    would come to be deeper, or longer than `longest` characters. A name that only links in the trash
    have can be taken: undoing tells them apart again.
    """
    source, target = tags.key(tags.tidy(old)), tags.key(new)
    if target.startswith(source + tags.SEPARATOR):
        raise BadInput("A tag cannot be moved below itself.", field="name")
    if target != source and _in_use(session, owner, target):
        raise Conflict(f"There is a tag {new} already: merge the two if they are to be one.")
    name = _below_its_own(session, owner, new)
    summary = f"renamed tag {old} to {name}"
    return _replace(session, owner, [source], name, summary=summary, origin=origin, longest=longest)


def merge(
    session: Session, owner: int, old: Sequence[str], new: str, *, origin: Origin, longest: int = LIMITS.tag
) -> Done:
    """Make several tags one; the tags below each come to stand below it.

    A tag of this name that the library uses is written as before. Raises `NotFound`, and `BadInput`
    and `LimitExceeded` as `rename` does.
    """
    target = tags.key(new)
    sources = [tags.key(tags.tidy(tag)) for tag in old]
    if any(target.startswith(source + tags.SEPARATOR) for source in sources):
        raise BadInput("A tag cannot be moved below itself.", field="into")
    if target not in sources and _in_use(session, owner, target):
        (name,) = tag_counts.spelled(direct(session), owner, [new])
    else:
        name = _below_its_own(session, owner, new)
    summary = f"merged tags {', '.join(old)} into {name}"
    return _replace(session, owner, sources, name, summary=summary, origin=origin, longest=longest)


def delete(session: Session, owner: int, old: str, *, origin: Origin) -> Done:
    """Take a tag, and the tags below it, off all links. Raises `NotFound`."""
    key = tags.key(tags.tidy(old))
    summary = f"deleted tag {old}"
    return _replace(session, owner, [key], None, summary=summary, origin=origin, longest=LIMITS.tag)


def _in_use(session: Session, owner: int, key: str) -> bool:
    """Tell whether a link has the tag or one below it; the trash, where no list shows it, does not count."""
    return bool(spelling.tagged(session, owner, [key], trashed=False))


def _below_its_own(session: Session, owner: int, name: str) -> str:
    """Return a name with the tags above it as the library writes them, and itself as it was given."""
    above, separator, last = name.rpartition(tags.SEPARATOR)
    return f"{tag_counts.spelled(direct(session), owner, [above])[0]}/{last}" if separator else name


def _replace(
    session: Session,
    owner: int,
    sources: Sequence[str],
    name: str | None,
    *,
    summary: str,
    origin: Origin,
    longest: int,
) -> Done:
    known = all(map(text.can_be_stored, sources))
    if not known or not spelling.tagged(session, owner, sources):
        raise NotFound("No link of your library has this tag.")
    names = dict.fromkeys(sources, name)
    key = None if name is None else tags.key(name)
    new = name if key is not None and (key in sources or not _in_use(session, owner, key)) else None
    if key is not None and new is not None:
        # Links of the trash may have the new name already, and what was below it may be known: they write
        # it alike from now on.
        names[key] = new
    renamed = _renaming(names, _spelling(session, owner, names, new), longest)
    done = bulk.each(
        session,
        owner,
        spelling.tagged(session, owner, list(names)),
        lambda link: {"tags": renamed(link)},
        kind="edited",
        summary=summary,
        origin=origin,
    )
    if new is not None:
        tag_counts.respell(session, owner, new)
    return done


def _spelling(
    session: Session, owner: int, names: Mapping[str, str | None], new: str | None
) -> dict[str, str]:
    """Return how tags are written that come to stand below a new name, by key.

    Those that are there already count first, written as they will be below a name that is `new`; then
    what each of those that come was called.
    """
    head = {} if new is None else {tags.key(new): new}
    heads = dict.fromkeys([*(tags.key(name) for name in names.values() if name is not None), *names])
    found = [name for each in heads for name in tag_counts.below(session, owner, each).values()]
    written = [tags.respelled(name, head) for name in found]
    known = {tags.key(name): name for name in written if _renamed(name, names) == name}
    for name in filter(None, (_renamed(name, names) for name in written)):
        known.setdefault(tags.key(name), name)
    return known


def _renaming(
    sources: Mapping[str, str | None], known: Mapping[str, str], longest: int
) -> Callable[[Row[Any]], list[str]]:
    """Return a function that tells which tags a link has afterwards, or refuses them. Pure."""

    def after(link: Row[Any]) -> list[str]:
        kept = [_renamed(tag, sources) for tag in link.tags]
        kept = [None if tag is None else tags.respelled(tag, known) for tag in kept]
        united = tags.united([tag for tag in kept if tag is not None], [])
        tags.refuse_long(united, longest=longest, known=link.tags)
        return united

    return after


def _renamed(tag: str, sources: Mapping[str, str | None]) -> str | None:
    """Return a tag under its new name, itself if it is none of those, or None when it goes. Pure.

    Of a tag and one below it that were both named, the one below counts: that is what it was named for.
    """
    parts = tag.split(tags.SEPARATOR)
    for depth in range(len(parts), 0, -1):
        key = tags.key(tags.SEPARATOR.join(parts[:depth]))
        if key in sources:
            name = sources[key]
            return None if name is None else tags.SEPARATOR.join([name, *parts[depth:]])
    return tag
