"""Computing the derived columns anew, for links that were written by another version of their rules."""

from __future__ import annotations

from typing import Any

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


def all_links(connection: Connection) -> int:
    """Compute the derived columns of every link of every account; returns how many links there are."""
    return links(connection, where="true")


def links(connection: Connection, *, where: str) -> int:
    """Compute the derived columns of the links of all accounts for which an SQL condition holds."""
    read = text(READ.format(where=where.replace(":", r"\:")))
    done, last = 0, (0, 0)
    while rows := connection.execute(read, {"owner_id": last[0], "id": last[1], "size": BATCH}).all():
        connection.execute(WRITE, {"rows": orjson.dumps([_computed(row) for row in rows]).decode()})
        last, done = (rows[-1].owner_id, rows[-1].id), done + len(rows)
    return done


def _computed(row: Row[Any]) -> dict[str, Any]:
    return {"owner_id": row.owner_id, "id": row.id, **derived.columns(row.owner_id, row)}
