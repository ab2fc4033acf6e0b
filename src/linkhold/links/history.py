"""The history of a link, as a person reads it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import takewhile
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from linkhold.errors import NotFound
from linkhold.links import tags
from linkhold.links.models import Change, Link

LONGEST_VALUE = 60
LONGEST_URL = 200
"""What tells two forms of a URL apart mostly stands at their ends."""
MOST_FOLDED = 1000
"""How many changes are gone back over to find out what somebody saw who edits a link."""
ALONE = {
    "added": "added",
    "merged": "saved again",
    "trashed": "moved to the trash",
    "restored": "taken out of the trash",
    "identified": "identity computed anew",
    "undone": "undid a change",
    "destroyed": "destroyed with the trash",
    "edited": "edited",
}
STATES = {
    "unread": ("marked unread", "marked read"),
    "archived": ("archived", "taken out of the archive"),
    "shared": ("shared", "made private"),
    "trashed_at": ("moved to the trash", "taken out of the trash"),
}
TEXTS = ("url", "title")
LONG_TEXTS = ("description", "notes")
BEFORE_THE_DIFFERENCE = 12
"""How many characters are shown before the first one that differs, when the beginning is cut off."""


def of_link(
    session: Session, owner: int, link_id: int, *, limit: int, before: int | None = None
) -> Sequence[Change]:
    """Return the changes of a link, the newest first, below an id; raises `NotFound` when it has none."""
    query = select(Change).where(Change.owner_id == owner, Change.link_id == link_id)
    if before is not None:
        query = query.where(Change.id < before)
    found = session.scalars(query.order_by(Change.id.desc()).limit(limit)).all()
    if not found and before is None:
        raise NotFound("There is no link by this id in your library.")
    return found


def latest(session: Session, owner: int, link_id: int) -> Change:
    """Return the last change of a link; raises `NotFound`."""
    return of_link(session, owner, link_id, limit=1)[0]


def of_batch(session: Session, owner: int, batch_id: int, *, limit: int) -> Sequence[Change]:
    """Return the first changes of a batch."""
    query = select(Change).where(Change.owner_id == owner, Change.batch_id == batch_id)
    return session.scalars(query.order_by(Change.id).limit(limit)).all()


def as_of(session: Session, link: Link, version: int) -> dict[str, Any] | None:
    """Return the fields of a link as they were at an earlier version; None when the history cannot tell."""
    fields = {name: getattr(link, name) for name in (*TEXTS, *LONG_TEXTS, *STATES, "tags")}
    later = link.version - version
    if later <= 0 or later > MOST_FOLDED:
        return fields if later == 0 else None
    query = select(Change.before).where(Change.owner_id == link.owner_id, Change.link_id == link.id)
    # A change that only notes another form of the URL makes no new version.
    query = query.where(Change.before != {}).order_by(Change.id.desc()).limit(later)
    found = session.scalars(query).all()
    for before in found:
        fields.update((name, value) for name, value in before.items() if name in fields)
    return fields if len(found) == later else None


def told(change: Change) -> str:
    """Return a change as a sentence: `added tags flask, postgres; title from “A” to “B”`. Pure."""
    said = list(_differences(change.before, change.after)) if change.before else []
    if change.sent_url is not None:
        said.append(f"sent as {_shown(change.sent_url, 0, longest=LONGEST_URL)}")
    if change.kind in {"edited", "undone"} and said:
        return "; ".join(said if change.kind == "edited" else ["undone", *said])
    if change.kind in {"trashed", "restored"}:
        return ALONE[change.kind]
    return "; ".join([ALONE.get(change.kind, change.kind), *said])


def _differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[str]:
    if "tags" in before:
        yield from _tags(before["tags"], after["tags"])
    for name, (yes, no) in STATES.items():
        if name in before:
            yield yes if after[name] else no
    for name in TEXTS:
        if name in before:
            was, became = _apart(before[name], after[name])
            yield f"{name} from {was} to {became}"
    for name in LONG_TEXTS:
        if name in before:
            yield _long(name, before[name], after[name])


def _long(name: str, before: str, after: str) -> str:
    """Say what became of a text that is too long to be shown with what it was."""
    if not before or not after:
        return f"{name} added" if after else f"{name} removed"
    return f"text added to the {name}" if after.startswith(before) else f"{name} changed"


def _tags(before: list[str], after: list[str]) -> Iterator[str]:
    was, became = ({tags.key(tag): tag for tag in each} for each in (before, after))
    for verb, names in (
        ("added", [tag for key, tag in became.items() if key not in was]),
        ("removed", [tag for key, tag in was.items() if key not in became]),
        ("respelled", [tag for key, tag in became.items() if was.get(key, tag) != tag]),
    ):
        if names:
            yield f"{verb} tag{'' if len(names) == 1 else 's'} {', '.join(names)}"


def _apart(before: str, after: str) -> tuple[str, str]:
    """Return two texts cut so that what differs between them is shown."""
    was, became = (" ".join(each.split()) for each in (before, after))
    alike = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(was, became, strict=False)))
    first = max(0, alike - BEFORE_THE_DIFFERENCE) if alike > LONGEST_VALUE // 2 else 0
    return _shown(was, first), _shown(became, first)


def _shown(value: str, first: int, *, longest: int = LONGEST_VALUE) -> str:
    if not value:
        return "nothing"
    short = f"…{value[first:]}" if first else value
    return f"“{short if len(short) <= longest else short[: longest - 1] + '…'}”"
