"""Adding unknown links: the links, their tags and their first changes in one statement, however many."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson

from linkhold import clock
from linkhold.db.pool import Direct
from linkhold.links import derived, merging, tags
from linkhold.links.changes import Origin
from linkhold.links.derived import Content
from linkhold.links.drafting import TEXTS, Draft
from linkhold.links.models import Link

WRITTEN = ("url", *TEXTS, "tags", *merging.STATES)

# One round trip, and one commit. Of many that save one URL at once, the unique key lets one insert; the
# others wait for its commit and then get no row. All insert in one order, that of Python's `sorted`, so that
# no two wait for each other.
# The rows come as one JSON text: to write twenty parameters took the driver longer than all else it does.
ROWS = """
    WITH new AS MATERIALIZED (
        SELECT sent.* FROM jsonb_to_recordset(%(rows)s::jsonb) AS sent (
            url text, identity text, identity_hash text, identity_version smallint,
            title text, description text, notes text, tags text[],
            unread boolean, archived boolean, shared boolean, now timestamptz,
            title_key text, resembles bigint, search text,
            door text, token text, after jsonb, batch_id bigint, named jsonb
        ){beside}
    ), added AS (
        INSERT INTO links (owner_id, url, identity, identity_hash, identity_version, title, description,
                           notes, tags, unread, archived, shared, created_at, changed_at, version,
                           title_key, resembles, search)
        SELECT %(owner_id)s::bigint, url, identity, decode(identity_hash, 'hex'), identity_version, title,
               description, notes, tags, unread, archived, shared, now, now, 1,
               title_key, resembles, search::tsvector
        FROM new ORDER BY identity_hash COLLATE "C"
        ON CONFLICT (owner_id, identity_hash) DO NOTHING
        RETURNING owner_id, id, encode(identity_hash, 'hex') AS identity_hash
    )"""
TAGS = """, named AS (
        SELECT added.owner_id, tag.* FROM added JOIN new USING (identity_hash),
             jsonb_to_recordset(new.named) AS tag (key text, name text, links integer)
    ), claimed AS (
        INSERT INTO tags (owner_id, key, name, links, below)
        SELECT owner_id, key, name, 0, 0 FROM named ORDER BY key COLLATE "C"
        ON CONFLICT (owner_id, key) DO NOTHING
    ), counted AS (
        INSERT INTO tag_differences (owner_id, key, links, below)
        SELECT owner_id, key, links, 1 FROM named
    )"""
CHANGES = """, told AS (
        INSERT INTO changes (owner_id, link_id, kind, door, token, made_at, before, after, batch_id)
        SELECT added.owner_id, added.id, 'added', new.door, new.token, new.now, '{}', new.after, new.batch_id
        FROM added JOIN new USING (identity_hash)
    )
    SELECT identity_hash, id FROM added
"""
MADE = """
    SELECT id FROM links
    WHERE owner_id = %(owner_id)s AND identity_hash = decode(%(hash)s, 'hex') AND created_at = %(now)s
"""
# For those who do not want to wait for one another's locks: the setting ends with the transaction.
IMPATIENT = ", set_config('lock_timeout', %(patience)s, true)"


@dataclass(frozen=True, slots=True)
class NewLink:
    """A link as it was just added: what `models.Link` has, without the cost of a mapped object."""

    id: int
    url: str
    title: str
    description: str
    notes: str
    tags: list[str]
    unread: bool
    archived: bool
    shared: bool
    created_at: datetime
    changed_at: datetime
    trashed_at: None = None
    version: int = 1


@dataclass(frozen=True, slots=True)
class Saved:
    """A link that was saved, and whether it is new in its library."""

    link: Link | NewLink
    created: bool


@dataclass(frozen=True, slots=True)
class Addition:
    """A link to be added, and all that is to be written for it. Made by `prepared`."""

    written: dict[str, Any]
    row: dict[str, Any]

    @property
    def identity_hash(self) -> str:
        """The hash of its identity, in hexadecimal digits."""
        hash_: str = self.row["identity_hash"]
        return hash_

    def saved(self, link_id: int) -> Saved:
        """Return it as the link that it became."""
        now = self.row["now"]
        return Saved(NewLink(link_id, created_at=now, changed_at=now, **self.written), created=True)


def prepared(owner: int, draft: Draft, *, origin: Origin, batch: int | None = None) -> Addition:
    """Work out all that is to be written for a draft, in the library of `owner`; asks no database."""
    written = {name: getattr(draft, name) for name in WRITTEN}
    identity = draft.identity
    content = Content(identity.text, *(written[name] for name in WRITTEN[1:]))
    row = {
        **written,
        **derived.columns(owner, content),
        "identity": identity.text,
        "identity_hash": identity.hash.hex(),
        "identity_version": identity.version,
        "now": clock.now(),
        "door": origin.door,
        "token": origin.token,
        "after": {name: value for name, value in written.items() if value},
        "batch_id": batch,
    }
    if draft.tags:
        row["named"] = _named(draft.tags)
    return Addition(written, row)


def insert(
    connection: Direct, owner: int, additions: Sequence[Addition], *, patience: str | None = None
) -> list[Saved | None]:
    """Add those links that the library does not have; None for each that it has, or that came before.

    In autocommit they are durable when this returns, all or none. `patience` (`50ms`) is how long it may wait
    for a lock of another transaction, only to be given in autocommit; without one, that is as long as any
    statement does. Raises what psycopg raises.
    """
    first = {each.identity_hash: each for each in reversed(additions)}
    is_tagged = any("named" in each.row for each in additions)
    rows = orjson.dumps([each.row for each in first.values()]).decode()
    asked = {"rows": rows, "owner_id": owner, "patience": patience}
    query = _STATEMENTS[is_tagged, patience is not None]
    ids: dict[str, int] = dict(connection.execute(query, asked, prepare=True).fetchall())
    return [
        each.saved(ids[each.identity_hash])
        if each.identity_hash in ids and first[each.identity_hash] is each
        else None
        for each in additions
    ]


def made(connection: Direct, owner: int, addition: Addition) -> Saved | None:
    """Return it as saved if it was this addition that made its link; None when that came another way.

    For who was not told, because the connection broke. A link is an addition's own by the microsecond of its
    making, which it shares with no other of its identity. Raises what psycopg raises.
    """
    asked = {"owner_id": owner, "hash": addition.identity_hash, "now": addition.row["now"]}
    row = connection.execute(MADE, asked).fetchone()
    return addition.saved(row[0]) if row else None


def statement(*, tagged: bool = False, impatient: bool = False) -> str:
    """Return the statement, as psycopg reads it: the parameters are `rows`, `owner_id` and `patience`."""
    rows = ROWS.replace("{beside}", IMPATIENT if impatient else "")
    return rows + (TAGS if tagged else "") + CHANGES


def _named(names: list[str]) -> list[dict[str, Any]]:
    """Return the tags that get one more link, with those above them: how each is spelled, what to count."""
    named = {key: name for tag in names for key, name in tags.names(tag).items()}
    return [
        {"key": key, "name": named[key], "links": links} for key, (links, _) in tags.counts(names).items()
    ]


_STATEMENTS = {
    (tagged, impatient): statement(tagged=tagged, impatient=impatient)
    for tagged in (False, True)
    for impatient in (False, True)
}
