"""Computing the derived columns anew, for links that were written by another version of their rules."""

from __future__ import annotations

from typing import Any, TypeAlias

import orjson
from sqlalchemy import Connection, Row, text

from linkhold.links import derived

BATCH = 1000

# Locked, so that what somebody edits at this moment is not given the words that it had before.
READ = """
    SELECT owner_id, id, identity, title, description, notes, tags, unread, archived, shared, trashed_at
    FROM links WHERE (owner_id, id) > (:owner_id, :id) AND ({where})
    ORDER BY owner_id, id LIMIT :size FOR UPDATE
"""
WRITE = text("""
    UPDATE links SET title_key = new.title_key, resembles = new.resembles, search = new.search
    FROM jsonb_to_recordset(CAST(:rows AS jsonb))
        AS new (owner_id bigint, id bigint, title_key text, resembles bigint, search tsvector)
    WHERE links.owner_id = new.owner_id AND links.id = new.id
""")


TO_MOBILE_HOSTS = r"identity ~ '://[^/]*\.(m|mobile)\.'"
"""Which links may have a mobile host somewhere inside their address."""
TO_INTERNATIONAL_HOSTS = "identity ~ '://[^/]*xn--'"
"""Which links lead to a host in another script."""
LONG = """
    length(title) + length(description) + length(notes) >= 255 AND EXISTS (
        SELECT FROM unnest(search) AS entry
        WHERE cardinality(entry.positions) >= 255 OR 16383 = ANY (entry.positions))
"""
"""Which links have more text than PostgreSQL keeps places of words for."""


Place: TypeAlias = tuple[int, int]
"""An account and a link: the links are gone through in this order."""
BEGINNING: Place = (0, 0)


def links(connection: Connection, *, where: str = "true") -> None:
    """Compute the derived columns of the links of all accounts for which an SQL condition holds."""
    place: Place | None = BEGINNING
    while place is not None:
        place, _ = portion(connection, after=place, where=where)


def portion(connection: Connection, *, after: Place, where: str = "true") -> tuple[Place | None, int]:
    """Do it for the next thousand; returns where to go on, None at the end, and how many they were.

    They are locked until the transaction ends.
    """
    read = text(READ.format(where=where.replace(":", r"\:")))
    rows = connection.execute(read, {"owner_id": after[0], "id": after[1], "size": BATCH}).all()
    if not rows:
        return None, 0
    connection.execute(WRITE, {"rows": orjson.dumps([_computed(row) for row in rows]).decode()})
    return (rows[-1].owner_id, rows[-1].id), len(rows)


def _computed(row: Row[Any]) -> dict[str, Any]:
    return {"owner_id": row.owner_id, "id": row.id, **derived.columns(row.owner_id, row)}
