"""Links that a person would call the same, though their identities differ: listed, and made one."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, select, text
from sqlalchemy.orm import Session

from linkhold import clock
from linkhold.errors import BadInput, NotFound
from linkhold.links import batches, bulk, changes, search, tags
from linkhold.links.batches import Done
from linkhold.links.changes import Difference, Origin
from linkhold.links.drafting import TEXTS
from linkhold.links.models import Link

MOST_OF_ONE = 100
BLANK_LINES = re.compile(r"\n[^\S\n]*\n")
BORDER = "\0"

GROUPS = text("""
    SELECT resembles, (array_agg(id ORDER BY id))[1 : CAST(:most AS integer)] AS ids FROM links
    WHERE owner_id = :owner_id AND trashed_at IS NULL AND resembles > :after
    GROUP BY resembles HAVING count(*) > 1 ORDER BY resembles LIMIT :limit
""")


@dataclass(frozen=True, slots=True)
class Group:
    """Links that resemble one another, the oldest first: rows with `search.COLUMNS`."""

    number: int
    links: list[Row[Any]]


def groups(session: Session, owner: int, *, limit: int, after: int = -1) -> list[Group]:
    """Return links that resemble one another, in groups; `after` is the number of the last that was seen."""
    asked = {"owner_id": owner, "after": after, "limit": limit, "most": MOST_OF_ONE}
    found = session.execute(GROUPS, asked).all()
    columns = [getattr(Link, name) for name in search.COLUMNS]
    ids = [link_id for group in found for link_id in group.ids]
    query = select(*columns).where(Link.owner_id == owner, Link.id.in_(ids))
    links = {row.id: row for row in session.execute(query)}
    return [Group(group.resembles, [links[each] for each in group.ids if each in links]) for group in found]


def merge(session: Session, owner: int, keep: int, others: Sequence[int], *, origin: Origin) -> Done:
    """Give one link what others have and it lacks, and move those to the trash: one batch.

    Tags are united, a blank text is filled, what differs is added to the notes, and it is unread or
    shared if any of them was. Raises `BadInput` when there is nothing to merge, and `NotFound` when one
    of the links is not in the library.
    """
    wanted = sorted({*others} - {keep})
    if not wanted:
        raise BadInput("Name at least one other link to merge.", field="ids")
    links = {link.id: link for link in bulk.locked(session, owner, [keep, *wanted])}
    missing = [link_id for link_id in (keep, *wanted) if link_id not in links or links[link_id].trashed_at]
    if missing:
        raise NotFound(f"Link {missing[0]} is not in your library.")
    count = len(wanted)
    summary = f"merged {count} link{'' if count == 1 else 's'} into link {keep}"
    batch = batches.begin(session, owner, kind="merged", summary=summary, origin=origin)
    merged = united(links[keep], [links[each] for each in wanted])
    now = clock.now()
    first = [Difference(links[keep], merged)] if merged else []
    done = changes.record(session, owner, first, kind="merged", origin=origin, batch=batch.id)
    rest: Iterator[Difference] = (Difference(links[each], {"trashed_at": now}) for each in wanted)
    done += changes.record(session, owner, rest, kind="trashed", origin=origin, batch=batch.id)
    return batches.finish(session, batch, done)


def united(kept: Row[Any], others: Sequence[Row[Any]]) -> Mapping[str, Any]:
    """Return the fields that a link takes over from others, so that no word of theirs is lost. Pure.

    A title or a description that differs goes to the notes. Those may come to be longer than one save
    may make them: the trash, where the others go, is emptied one day.
    """
    values: dict[str, Any] = {name: getattr(kept, name) for name in (*TEXTS, "tags")}
    for other in others:
        for name in TEXTS:  # the notes are the last
            value = getattr(other, name)
            if values[name] and not _has(values, value):
                values["notes"] = "\n\n".join(filter(None, (values["notes"], value)))
            values[name] = values[name] or value
        values["tags"] = tags.united(values["tags"], other.tags)
    every = [kept, *others]
    values |= {name: any(getattr(link, name) for link in every) for name in ("unread", "shared")}
    values["archived"] = all(link.archived for link in every)
    return {name: value for name, value in values.items() if value != getattr(kept, name)}


def _has(values: Mapping[str, str], text: str) -> bool:
    """Tell whether a link has a text: as one of its own, or as whole paragraphs of its notes."""
    wanted = _paragraphs(text)
    known = (_paragraphs(values[name]) for name in TEXTS)
    return wanted == BORDER or wanted in known or wanted in _paragraphs(values["notes"])


def _paragraphs(text: str) -> str:
    """Return the paragraphs of a text between borders, which no text has in it."""
    found = (part.strip() for part in BLANK_LINES.split(text))
    return "".join(f"{BORDER}{part}" for part in found if part) + BORDER
