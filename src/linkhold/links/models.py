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
from sqlalchemy.dialects.postgresql import JSONB, TSVECTOR
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
        Index(
            "ix_links_changed",
            "owner_id",
            text("changed_at DESC"),
            text("id DESC"),
            postgresql_where=text("trashed_at IS NULL"),
        ),
        Index("ix_links_title", "owner_id", "title_key", "id", postgresql_where=text("trashed_at IS NULL")),
        Index(
            "ix_links_search",
            "search",
            postgresql_using="gin",
            postgresql_with={"fastupdate": "on", "gin_pending_list_limit": "512"},
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
    version: Mapped[int]
    """Counts the link's changes, from 1: what a client holds to tell whether it is out of date."""

    # Computed from the others by `derived`, wherever a link is written.
    title_key: Mapped[str] = mapped_column(Text(collation="C"))
    resembles: Mapped[int] = mapped_column(BigInteger)
    search: Mapped[str] = mapped_column(TSVECTOR, deferred=True)


class Change(Base):
    """One recorded difference to one link: when, by which door and token, and what it was before.

    `before` and `after` hold the fields that differ, by name; a link's first change has an empty
    `before`. `sent_url` is the URL as it was sent when a known link was saved by another form of
    its URL. There is no foreign key to the link: its history outlives it.
    """

    __tablename__ = "changes"
    __table_args__ = (
        Index("ix_changes_feed", "owner_id", "made_in", "id"),
        Index(
            "ix_changes_batch", "owner_id", "batch_id", "id", postgresql_where=text("batch_id IS NOT NULL")
        ),
    )

    owner_id: Mapped[Owner] = mapped_column(primary_key=True)
    link_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    id: Mapped[Id] = mapped_column(primary_key=True)
    kind: Mapped[Words]
    door: Mapped[Words]
    token: Mapped[str | None] = mapped_column(Text)
    made_at: Mapped[Moment]
    before: Mapped[dict[str, Any]] = mapped_column(JSONB)
    after: Mapped[dict[str, Any]] = mapped_column(JSONB)
    sent_url: Mapped[str | None] = mapped_column(Text)
    batch_id: Mapped[int | None] = mapped_column(BigInteger)
    made_in: Mapped[int] = mapped_column(
        BigInteger, server_default=text("((pg_current_xact_id())::text)::bigint")
    )
    """The transaction that made it, which is the order of the feed: see `feed`."""


class Batch(Base):
    """The changes that one action made: an import, a bulk edit, a rename of a tag, an undo."""

    __tablename__ = "batches"

    owner_id: Mapped[Owner] = mapped_column(primary_key=True)
    id: Mapped[Id] = mapped_column(primary_key=True)
    kind: Mapped[Words]
    summary: Mapped[Words]
    """What was done, in words for a person: “renamed the tag flask to python/flask”."""
    door: Mapped[Words]
    token: Mapped[str | None] = mapped_column(Text)
    made_at: Mapped[Moment]
    links: Mapped[int]
    """How many links it changed."""


class Feed(Base):
    """Which run of transaction numbers the feed's cursors are of; one row."""

    __tablename__ = "feed"

    epoch: Mapped[str] = mapped_column(Text, primary_key=True)
    system: Mapped[int] = mapped_column(BigInteger)


class Tag(Base):
    """A tag of a library: its name as it was first written, and how many links it is on.

    The counts are those of some moment; `TagDifference` has what was added since. Saves that share
    a tag would otherwise wait for one another at its row.
    """

    __tablename__ = "tags"

    owner_id: Mapped[Owner] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(Text(collation="C"), primary_key=True)
    name: Mapped[Words]
    links: Mapped[int] = mapped_column(BigInteger)
    """How many links have this very tag; the trash is not counted."""
    below: Mapped[int] = mapped_column(BigInteger)
    """How many links have this tag or one below it."""


class TagDifference(Base):
    """What a transaction added to the counts of a tag, until `tag_counts.fold` adds it up."""

    __tablename__ = "tag_differences"

    owner_id: Mapped[Owner] = mapped_column(primary_key=True)
    id: Mapped[Id] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(Text(collation="C"))
    links: Mapped[int]
    below: Mapped[int]


class SavedSearch(Base):
    """A search that is kept by a name, in its owner's order; linkding calls it a bundle."""

    __tablename__ = "saved_searches"

    owner_id: Mapped[Owner] = mapped_column(primary_key=True)
    id: Mapped[Id] = mapped_column(primary_key=True)
    name: Mapped[Words]
    query: Mapped[Words]
    position: Mapped[int]


class InboxItem(Base):
    """Shared text in which no link could be found, kept until its owner decides what becomes of it."""

    __tablename__ = "inbox"
    __table_args__ = (
        Index("ix_inbox_trash", "owner_id", "trashed_at", postgresql_where=text("trashed_at IS NOT NULL")),
    )

    owner_id: Mapped[Owner] = mapped_column(primary_key=True)
    id: Mapped[Id] = mapped_column(primary_key=True)
    text: Mapped[Words]
    title: Mapped[Words]
    """What the app that shared it sent as its title; mostly nothing."""
    tags: Mapped[WordList]
    unread: Mapped[bool]
    """The tags and the state are for the link that it may become."""
    received_at: Mapped[Moment]
    door: Mapped[Words]
    token: Mapped[str | None] = mapped_column(Text)
    trashed_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    """When it left the inbox: it was deleted, or became a link or a note."""


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
