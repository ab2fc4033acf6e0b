"""The tables of a library: its links, their history, and answers kept for repeated requests.

`owner_id` is an account's id without a foreign key: checking one locks the account's row for each
save, and simultaneous saves of one person then wait for that row's list of lockers. Measured with
eight connections, the check took two fifths of the database's rate. `library.destroy` does what
its cascade would.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    DateTime,
    Index,
    LargeBinary,
    SmallInteger,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from linkhold.db.base import Base, Id, Moment, Owner, WordList, Words


class Link(Base):
    """A URL that a person saved, with what they wrote about it.

    `id` and `url` are the columns of the tutorial that Linkhold grew from. The URL is kept as it
    was sent; `identity` is its canonical form by the rule of `identity_version`, and its SHA-256
    is what is unique in a library, since an index entry cannot hold a long URL.
    """

    __tablename__ = "links"
    __table_args__ = (
        UniqueConstraint("owner_id", "identity_hash"),
        Index(
            "ix_links_newest",
            "owner_id",
            text("created_at DESC"),
            text("id DESC"),
            postgresql_where=text("trashed_at IS NULL"),
        ),
        Index(
            "ix_links_trash",
            "owner_id",
            text("trashed_at DESC"),
            text("id DESC"),
            postgresql_where=text("trashed_at IS NOT NULL"),
        ),
    )

    owner_id: Mapped[Owner] = mapped_column(primary_key=True)
    id: Mapped[Id] = mapped_column(primary_key=True)
    url: Mapped[Words]
    identity: Mapped[Words]
    identity_hash: Mapped[bytes] = mapped_column(LargeBinary)
    identity_version: Mapped[int] = mapped_column(SmallInteger)
    title: Mapped[Words]
    description: Mapped[Words]
    notes: Mapped[Words]
    tags: Mapped[WordList]
    unread: Mapped[bool]
    archived: Mapped[bool]
    shared: Mapped[bool]
    created_at: Mapped[Moment]
    changed_at: Mapped[Moment]
    trashed_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))


class Change(Base):
    """One recorded difference to one link: when, by which door and token, and what it was before.

    `before` and `after` hold the fields that differ, by name; a link's first change has an empty
    `before`. `sent_url` is the URL as it was sent when a known link was saved by another form of
    its URL. There is no foreign key to the link: its history outlives it.
    """

    __tablename__ = "changes"
    __table_args__ = (Index("ix_changes_link", "owner_id", "link_id", "id"),)

    owner_id: Mapped[Owner] = mapped_column(primary_key=True)
    id: Mapped[Id] = mapped_column(primary_key=True)
    link_id: Mapped[int] = mapped_column(BigInteger)
    kind: Mapped[Words]
    door: Mapped[Words]
    token: Mapped[str | None] = mapped_column(Text)
    made_at: Mapped[Moment]
    before: Mapped[dict[str, Any]] = mapped_column(JSONB)
    after: Mapped[dict[str, Any]] = mapped_column(JSONB)
    sent_url: Mapped[str | None] = mapped_column(Text)


class KeptAnswer(Base):
    """What a request with an Idempotency-Key was answered, so that its repetition gets the same."""

    __tablename__ = "kept_answers"
    __table_args__ = (Index("ix_kept_answers_created_at", "owner_id", "created_at"),)

    owner_id: Mapped[Owner] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(Text, primary_key=True)
    fingerprint: Mapped[bytes] = mapped_column(LargeBinary)
    status: Mapped[int] = mapped_column(SmallInteger)
    body: Mapped[bytes] = mapped_column(LargeBinary)
    created_at: Mapped[Moment]
