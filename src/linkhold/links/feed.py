"""The feed of changes, for clients that keep a copy: each change once, in an order that misses none.

A number drawn from a sequence does not order commits: a lower one may be committed after a higher
one was read, and is then never seen. So changes are ordered by the transaction that made them, and
only those are told that are older than every transaction still under way
(`pg_snapshot_xmin`, PostgreSQL's documentation, 9.27.14): nothing can appear before them any more.

Numbers of transactions mean something in one cluster only. A cursor names the epoch that it is of,
and a database that was restored into another cluster begins a new one.
"""

from __future__ import annotations

import base64
import binascii
import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self

import orjson
from sqlalchemy import Connection, text
from sqlalchemy.orm import Session

from linkhold.errors import BadInput, CursorExpired

LONGEST_CURSOR = 200
LARGEST = 2**63

READ = text("""
    SELECT (SELECT epoch FROM feed) AS epoch, changes.made_in, changes.id, changes.link_id, changes.kind,
           changes.made_at, changes.batch_id, changes.after
    FROM changes
    WHERE owner_id = :owner_id AND (made_in, id) > (:made_in, :id)
      AND made_in < CAST(CAST(pg_snapshot_xmin(pg_current_snapshot()) AS text) AS bigint)
    ORDER BY made_in, id LIMIT :limit
""")
END = text("""
    SELECT made_in, id FROM changes
    WHERE owner_id = :owner_id
      AND made_in < CAST(CAST(pg_snapshot_xmin(pg_current_snapshot()) AS text) AS bigint)
    ORDER BY made_in DESC, id DESC LIMIT 1
""")


@dataclass(frozen=True, slots=True)
class Cursor:
    """A place in the feed: behind the change of a transaction."""

    epoch: str
    made_in: int
    id: int

    def __str__(self) -> str:
        """Return it as a client carries it: opaque, safe in a URL."""
        packed = orjson.dumps([self.epoch, self.made_in, self.id])
        return base64.urlsafe_b64encode(packed).decode().rstrip("=")

    @classmethod
    def parse(cls, written: str) -> Self:
        """Read what `str` wrote; raises `BadInput` for anything else."""
        try:
            padded = written[:LONGEST_CURSOR] + "=" * (-len(written) % 4)
            epoch, made_in, change_id = orjson.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
            sound = isinstance(epoch, str) and all(
                isinstance(number, int) and 0 <= number < LARGEST for number in (made_in, change_id)
            )
            if sound:
                return cls(epoch, made_in, change_id)
        except (binascii.Error, ValueError, TypeError):
            pass
        raise BadInput(
            "This cursor is not valid: leave it out to begin with the first change.", field="since"
        )


@dataclass(frozen=True, slots=True)
class Told:
    """A change as the feed tells it."""

    id: int
    link_id: int
    kind: str
    made_at: datetime
    batch_id: int | None
    after: dict[str, Any]

    @property
    def deleted(self) -> bool:
        """Whether the link is gone for good: a client forgets it."""
        return self.kind == "destroyed"


@dataclass(frozen=True, slots=True)
class Stretch:
    """Some changes, and where the feed goes on."""

    changes: list[Told]
    next: Cursor
    more: bool
    """Whether there are more right now."""


def read(session: Session, owner: int, *, since: Cursor | None, limit: int) -> Stretch:
    """Return the changes after a cursor, the oldest first; all of them from the beginning without one.

    Raises `CursorExpired` for a cursor of another epoch.
    """
    epoch = session.scalar(text("SELECT epoch FROM feed")) or ""
    if since is None:
        since = Cursor(epoch, 0, 0)
    elif since.epoch != epoch:
        raise CursorExpired
    asked = {"owner_id": owner, "made_in": since.made_in, "id": since.id, "limit": limit + 1}
    rows = session.execute(READ, asked).all()
    told = [Told(row.id, row.link_id, row.kind, row.made_at, row.batch_id, row.after) for row in rows[:limit]]
    last = Cursor(epoch, rows[len(told) - 1].made_in, told[-1].id) if told else since
    return Stretch(told, last, more=len(rows) > limit)


def end(session: Session, owner: int) -> Cursor:
    """Return the cursor behind all changes that can be told now: what comes later is new."""
    epoch = session.scalar(text("SELECT epoch FROM feed")) or ""
    last = session.execute(END, {"owner_id": owner}).first()
    return Cursor(epoch, last.made_in, last.id) if last else Cursor(epoch, 0, 0)


def renew(connection: Connection) -> None:
    """Begin a new epoch if the database has come to another cluster since the last one began."""
    system = connection.scalar(text("SELECT system_identifier FROM pg_control_system()"))
    known = connection.scalar(text("SELECT system FROM feed"))
    if known == system:
        return
    connection.execute(text("LOCK TABLE feed"))
    if connection.scalar(text("SELECT system FROM feed")) == system:
        return
    connection.execute(text("DELETE FROM feed"))
    connection.execute(text("UPDATE changes SET made_in = 0 WHERE made_in <> 0"))
    connection.execute(
        text("INSERT INTO feed (epoch, system) VALUES (:epoch, :system)"),
        {"epoch": secrets.token_hex(8), "system": system},
    )
