"""The history: the one gate through which links change, with what they were before.

Whatever changes a link describes the difference and hands it to `record`, which writes the links,
their derived columns, the tag counts and the changes together: a few statements for each thousand.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any, Literal, TypeAlias

import orjson
from sqlalchemy import Row, text
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import set_committed_value

from linkhold import clock
from linkhold.links import derived, tag_counts, tags
from linkhold.links.derived import Content
from linkhold.links.identity import Identity
from linkhold.links.models import Link

Kind = Literal["added", "merged", "edited", "trashed", "restored", "identified", "undone", "destroyed"]

Locked: TypeAlias = Link | Row[Any]
"""A link that this transaction has locked: mapped, or a row with `COLUMNS`."""


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a change came from: the door, and the label of the token if there was one."""

    door: str
    token: str | None = None


@dataclass(frozen=True, slots=True)
class Difference:
    """What is to be different about a link: the fields with their new values."""

    link: Locked
    after: Mapping[str, Any]
    sent_url: str | None = None
    """The URL as it was sent, when it is another form of the link's own."""


# The fields that a change can change, with PostgreSQL's name of their type.
TYPES = {
    "url": "text",
    "identity": "text",
    "identity_version": "smallint",
    "title": "text",
    "description": "text",
    "notes": "text",
    "tags": "text[]",
    "unread": "boolean",
    "archived": "boolean",
    "shared": "boolean",
    "trashed_at": "timestamptz",
}
# What follows from them, and is written with them.
DERIVED_TYPES = {"identity_hash": "bytea", "title_key": "text", "resembles": "bigint", "search": "tsvector"}
COLUMNS = ("owner_id", "id", "version", *TYPES)
"""What `record` needs of a link."""

BATCH = 1000

UPDATE = """
    UPDATE links SET {assignments}, changed_at = :now, version = links.version + 1
    FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS new (id bigint, {columns})
    WHERE links.owner_id = :owner_id AND links.id = new.id
"""
INSERT = text("""
    INSERT INTO changes (owner_id, link_id, kind, door, token, made_at, before, after, sent_url, batch_id)
    SELECT :owner_id, new.link_id, :kind, :door, :token, :now, new.before, new.after, new.sent_url, :batch_id
    FROM jsonb_to_recordset(CAST(:rows AS jsonb))
        AS new (link_id bigint, before jsonb, after jsonb, sent_url text)
""")


def record(
    session: Session,
    owner: int,
    differences: Iterable[Difference],
    *,
    kind: Kind,
    origin: Origin,
    batch: int | None = None,
) -> int:
    """Make the differences, and record for each link what it was before; returns how many there were.

    The links must be locked by this transaction. A mapped link has its new values afterwards.
    """
    remaining, done = iter(differences), 0
    names: dict[str, str] = {}
    while chunk := list(islice(remaining, BATCH)):
        now = clock.now()
        changed = [each for each in chunk if each.after]
        _update(session, owner, changed, now)
        names |= _tag_names(changed)
        about = {"kind": kind, "door": origin.door, "token": origin.token, "batch_id": batch}
        rows = _encoded([_entry(each) for each in chunk])
        session.execute(INSERT, {"owner_id": owner, "now": now, "rows": rows, **about})
        for each in chunk:
            _renew(each, now)
        done += len(chunk)
    # Last of all: a save of any link with a tag that is new here waits from now on until this commits.
    tag_counts.add_names(session, owner, names)
    return done


def _entry(difference: Difference) -> dict[str, Any]:
    link, after = difference.link, difference.after
    return {
        "link_id": link.id,
        "before": {name: getattr(link, name) for name in after},
        "after": dict(after),
        "sent_url": difference.sent_url,
    }


def _update(session: Session, owner: int, differences: Sequence[Difference], now: datetime) -> None:
    if not differences:
        return
    changed = {name for each in differences for name in each.after}
    types = {name: TYPES[name] for name in TYPES if name in changed}
    types |= DERIVED_TYPES
    if "identity" not in changed:
        del types["identity_hash"]  # its index would be written for nothing
    rows = [_row(owner, each, types) for each in differences]
    statement = UPDATE.format(
        assignments=", ".join(f"{name} = new.{name}" for name in types),
        columns=", ".join(f"{name} {each}" for name, each in types.items()),
    )
    session.execute(text(statement), {"owner_id": owner, "now": now, "rows": _encoded(rows)})
    _count_tags(session, owner, differences)


def _row(owner: int, difference: Difference, types: Mapping[str, str]) -> dict[str, Any]:
    link, after = difference.link, difference.after
    values = {name: after[name] if name in after else getattr(link, name) for name in TYPES}
    content = Content(**{name: values[name] for name in derived.CONTENT})
    values |= derived.columns(owner, content)
    values["identity_hash"] = "\\x" + Identity(content.identity).hash.hex()
    return {"id": link.id, **{name: values[name] for name in types}}


def _count_tags(session: Session, owner: int, differences: Sequence[Difference]) -> None:
    totals: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    for each in differences:
        if not each.after.keys() & {"tags", "trashed_at"}:
            continue
        before = [] if each.link.trashed_at else each.link.tags
        trashed = each.after.get("trashed_at", each.link.trashed_at)
        after = [] if trashed else each.after.get("tags", each.link.tags)
        for sign, counted in ((-1, tags.counts(before)), (1, tags.counts(after))):
            for key, (links, below) in counted.items():
                totals[key][0] += sign * links
                totals[key][1] += sign * below
    changed = {key: (links, below) for key, (links, below) in totals.items() if links or below}
    tag_counts.add_differences(session, owner, changed)


def _tag_names(differences: Sequence[Difference]) -> dict[str, str]:
    """Return the names of the tags that links come to have, by key.

    Of those in the trash too: a tag is written there as it will be when the link comes back.
    """
    return {
        key: name
        for each in differences
        if each.after.keys() & {"tags", "trashed_at"}
        for tag in each.after.get("tags", each.link.tags)
        for key, name in tags.names(tag).items()
    }


def _renew(difference: Difference, now: datetime) -> None:
    """Give a mapped link what was written, without asking the database for it."""
    link = difference.link
    if not isinstance(link, Link) or not difference.after:
        return
    new = {**difference.after, "changed_at": now, "version": link.version + 1}
    if "identity" in new:
        new["identity_hash"] = Identity(new["identity"]).hash
    for name, value in new.items():
        set_committed_value(link, name, value)


def _encoded(rows: Sequence[Mapping[str, Any]]) -> str:
    return orjson.dumps(rows).decode()
