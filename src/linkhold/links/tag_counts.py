"""The tags of a library: their names, and on how many links each is.

Nothing that saves a link writes to a tag's row: saves that share a tag would wait for one another.
They insert differences, which reading adds up, and `fold` folds into the rows now and then.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import orjson
from sqlalchemy import Connection, text
from sqlalchemy.orm import Session

from linkhold.db.engine import direct
from linkhold.db.pool import Direct
from linkhold.links import tags
from linkhold.links.text import can_be_stored

# How many differences reading adds up before it is worth folding them.
FOLD_FROM = 500
LOCK = int.from_bytes(b"tags")

SPELLED = "SELECT key, name FROM tags WHERE owner_id = %(owner_id)s AND key = ANY(%(keys)s::text[])"
# Of two that write a tag for the first time at once, the later waits for the other's commit and is told its
# spelling, which no look of its own could have found. A tag that is known is not written to.
CLAIM = """
    INSERT INTO tags (owner_id, key, name, links, below)
    SELECT %(owner_id)s, new.key, new.name, 0, 0
    FROM unnest(%(keys)s::text[], %(names)s::text[]) AS new (key, name)
    ON CONFLICT (owner_id, key) DO UPDATE SET name = tags.name
    RETURNING key, name
"""
ADD_NAMES = text("""
    INSERT INTO tags (owner_id, key, name, links, below)
    SELECT :owner_id, new.key, new.name, 0, 0
    FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS new (key text, name text)
    ON CONFLICT (owner_id, key) DO NOTHING
""")
ADD_DIFFERENCES = text("""
    INSERT INTO tag_differences (owner_id, key, links, below)
    SELECT :owner_id, new.key, new.links, new.below
    FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS new (key text, links integer, below integer)
""")
# A tag below it is respelled in its first parts, and keeps the rest.
RESPELL = text("""
    UPDATE tags
    SET name = array_to_string(CAST(:parts AS text[]) || (string_to_array(name, '/'))[:depth + 1 :], '/')
    WHERE owner_id = :owner_id AND (key = :key OR starts_with(key, :key || '/'))
""")
BELOW = text("""
    SELECT key, name FROM tags WHERE owner_id = :owner_id AND (key = :key OR starts_with(key, :key || '/'))
    ORDER BY key
""")
COUNTED = """
    SELECT key, name, links, below FROM (
        SELECT tags.key, tags.name, tags.links + coalesce(newer.links, 0) AS links,
               tags.below + coalesce(newer.below, 0) AS below
        FROM tags LEFT JOIN (
            SELECT key, sum(links) AS links, sum(below) AS below
            FROM tag_differences WHERE owner_id = :owner_id GROUP BY key
        ) AS newer ON newer.key = tags.key
        WHERE tags.owner_id = :owner_id {matching}
    ) AS counted
    WHERE below > 0 ORDER BY {order}
"""
ALL = text(COUNTED.format(matching="", order="key"))
MOST_USED = text(COUNTED.format(matching="", order="below DESC, key LIMIT :limit"))
COMPLETE = text(
    COUNTED.format(
        matching="AND (tags.key LIKE :start OR tags.key LIKE :inside)",
        order="(key LIKE :start) DESC, below DESC, key LIMIT :limit",
    )
)
FOLD = text("""
    WITH gone AS (
        DELETE FROM tag_differences WHERE owner_id = :owner_id RETURNING key, links, below
    ), summed AS (
        SELECT key, sum(links) AS links, sum(below) AS below FROM gone GROUP BY key ORDER BY key
    )
    UPDATE tags SET links = tags.links + summed.links, below = tags.below + summed.below
    FROM summed WHERE tags.owner_id = :owner_id AND tags.key = summed.key
""")


@dataclass(frozen=True, slots=True)
class TagCount:
    """A tag, and on how many links it is; the trash is not counted."""

    name: str
    links: int
    """How many links have this very tag."""
    below: int
    """How many links have this tag or one below it."""


def spelled(connection: Direct, owner: int, names: Iterable[str]) -> list[str]:
    """Return tags as their library spells them: the case of a tag is that in which it was first written."""
    written = list(names)
    known = _known(connection, owner, written)
    return tags.united([tags.respelled(name, known) for name in written], [])


def claimed(connection: Direct, owner: int, names: Iterable[str]) -> list[str]:
    """Return tags as `spelled` does, and let those that are new be spelled as they are here.

    A name that is claimed is locked until the transaction ends: outside one it is claimed for good, and
    inside one the links that come to have it must be locked before, as whoever changes links does.
    """
    written = list(names)
    known = _known(connection, owner, written)
    new: dict[str, str] = {}
    for name in written:
        new = tags.names(tags.respelled(name, known)) | new
    # In one order for all, so that no two wait for each other.
    if keys := sorted(new.keys() - known.keys()):
        asked = {"owner_id": owner, "keys": keys, "names": [new[key] for key in keys]}
        known |= dict(connection.execute(CLAIM, asked).fetchall())
    return tags.united([tags.respelled(name, known) for name in written], [])


def _known(connection: Direct, owner: int, names: Iterable[str]) -> dict[str, str]:
    """Return how the library spells the tags and those above them that it knows, by key."""
    keys = sorted({key for name in names for key in tags.lineage(tags.key(name))})
    if not keys:
        return {}
    return dict(connection.execute(SPELLED, {"owner_id": owner, "keys": keys}, prepare=True).fetchall())


def add_names(session: Session, owner: int, names: Mapping[str, str]) -> None:
    """Make those of some tags, by key, that are new."""
    if names:
        new = [{"key": key, "name": name} for key, name in sorted(names.items())]
        session.execute(ADD_NAMES, {"owner_id": owner, "rows": orjson.dumps(new).decode()})


def add_differences(session: Session, owner: int, differences: Mapping[str, tuple[int, int]]) -> None:
    """Note what changed in the counts of tags: of the very tag, and with those below it."""
    rows = [{"key": key, "links": links, "below": below} for key, (links, below) in differences.items()]
    if rows:
        session.execute(ADD_DIFFERENCES, {"owner_id": owner, "rows": orjson.dumps(rows).decode()})


def respell(session: Session, owner: int, name: str) -> None:
    """Make this the way in which a tag is written from now on, alone and at the head of those below it.

    The last thing that an act does: a save of any link with such a tag waits from here until it commits.
    """
    parts = name.split(tags.SEPARATOR)
    asked = {"owner_id": owner, "key": tags.key(name), "parts": parts, "depth": len(parts)}
    session.execute(RESPELL, asked)


def below(session: Session, owner: int, key: str) -> dict[str, str]:
    """Return how a tag and those below it are written, by key, those that no link has any more too."""
    found = session.execute(BELOW, {"owner_id": owner, "key": key})
    return {row.key: row.name for row in found}


def spelled_otherwise(session: Session, owner: int, names: Mapping[str, str]) -> dict[str, str]:
    """Return those of some names, by key, that the library spells in another way."""
    if not names:
        return {}
    asked = {"owner_id": owner, "keys": list(names)}
    spelling = direct(session).execute(SPELLED, asked).fetchall()
    return {key: names[key] for key, name in spelling if name != names[key]}


def every(session: Session, owner: int) -> list[TagCount]:
    """Return all tags of a library with their counts, by name; a tag above others is among them."""
    return [TagCount(row.name, row.links, row.below) for row in session.execute(ALL, {"owner_id": owner})]


def most_used(session: Session, owner: int, *, limit: int) -> list[TagCount]:
    """Return the tags that are on the most links, the most used first."""
    asked = {"owner_id": owner, "limit": limit}
    return [TagCount(row.name, row.links, row.below) for row in session.execute(MOST_USED, asked)]


def complete(session: Session, owner: int, typed: str, *, limit: int) -> list[TagCount]:
    """Return the tags that what was typed may become, the likeliest first.

    Those that begin with it come before those of which a later part does; then the more used.
    """
    if not can_be_stored(typed):
        return []
    pattern = tags.key(tags.tidy(typed)).replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"
    asked = {"owner_id": owner, "start": pattern, "inside": f"%/{pattern}", "limit": limit}
    return [TagCount(row.name, row.links, row.below) for row in session.execute(COMPLETE, asked)]


def fold_if_worth_it(session: Session, owner: int) -> bool:
    """Fold the differences into the counts when there are many; returns whether it did."""
    query = (
        "SELECT count(*) FROM (SELECT FROM tag_differences WHERE owner_id = :owner_id LIMIT :many) AS first"
    )
    if (session.scalar(text(query), {"owner_id": owner, "many": FOLD_FROM}) or 0) < FOLD_FROM:
        return False
    fold(session, owner)
    return True


def fold(session: Session, owner: int) -> None:
    """Fold the differences into the counts, one at a time for each library."""
    session.execute(
        text("SELECT pg_advisory_xact_lock(:lock, hashint8(:owner_id))"), {"lock": LOCK, "owner_id": owner}
    )
    session.execute(FOLD, {"owner_id": owner})


def count_all(connection: Connection) -> None:
    """Count the tags of every library anew, from its links; for a migration, and to mend."""
    connection.execute(text("TRUNCATE tags, tag_differences"))
    found = connection.execute(
        text("SELECT owner_id, tags FROM links WHERE trashed_at IS NULL ORDER BY owner_id, id"),
        execution_options={"yield_per": 1000},
    )
    names: dict[tuple[int, str], str] = {}
    totals: dict[tuple[int, str], list[int]] = {}
    for owner, link_tags in found:
        for tag in link_tags:
            for key, name in tags.names(tag).items():
                names.setdefault((owner, key), name)
        for key, (links, below) in tags.counts(link_tags).items():
            total = totals.setdefault((owner, key), [0, 0])
            total[0] += links
            total[1] += below
    rows: list[dict[str, Any]] = [
        {"owner_id": owner, "key": key, "name": names[owner, key], "links": links, "below": below}
        for (owner, key), (links, below) in totals.items()
    ]
    if rows:
        connection.execute(text("INSERT INTO tags VALUES (:owner_id, :key, :name, :links, :below)"), rows)
