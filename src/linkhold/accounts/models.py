"""The tables of accounts and of what lets someone act for one."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, DateTime, ForeignKey, Index, LargeBinary, Text, UniqueConstraint, false
from sqlalchemy.orm import Mapped, mapped_column

from linkhold.db.base import Base, Id, Moment, WordList, Words


class Account(Base):
    """A person who can log in, and who has one library."""

    __tablename__ = "accounts"

    id: Mapped[Id] = mapped_column(primary_key=True)
    name: Mapped[Words]
    name_key: Mapped[Words] = mapped_column(unique=True)
    """The name without case, so that `Ada` and `ada` are one person."""
    password_hash: Mapped[Words]
    is_admin: Mapped[bool]
    created_at: Mapped[Moment]
    trash_days: Mapped[int | None] = mapped_column(server_default="30")
    """Days after which a trashed link is destroyed; None keeps it for ever."""
    language: Mapped[Words] = mapped_column(server_default="")
    """The language that it is spoken to in (`de`); blank is the one that its programs ask for."""
    time_zone: Mapped[Words] = mapped_column(server_default="")
    """Where its days begin and end, by the name in the IANA database (`Europe/Berlin`); blank is UTC."""
    appearance: Mapped[Words] = mapped_column(server_default="")
    """`light` or `dark`; blank is what the device is set to."""
    is_public: Mapped[bool] = mapped_column(server_default=false())
    """Whether its shared links stand on a page that everyone can open."""
    quiet_keys: Mapped[bool] = mapped_column(server_default=false())
    """Whether single keys do nothing on its pages, for who presses them without meaning to."""


class Token(Base):
    """A secret that lets a program act for an account, within its scopes; only its hash is kept."""

    __tablename__ = "tokens"
    __table_args__ = (UniqueConstraint("owner_id", "secret_hash"),)

    owner_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("accounts.id", ondelete="CASCADE"), primary_key=True
    )
    id: Mapped[Id] = mapped_column(primary_key=True)
    label: Mapped[Words]
    secret_hash: Mapped[bytes] = mapped_column(LargeBinary)
    scopes: Mapped[WordList]
    created_at: Mapped[Moment]
    expires_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    last_used_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))


class BrowserSession(Base):
    """A browser that is logged in; only the hash of its cookie's secret is kept."""

    __tablename__ = "sessions"
    __table_args__ = (UniqueConstraint("owner_id", "secret_hash"),)

    owner_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("accounts.id", ondelete="CASCADE"), primary_key=True
    )
    id: Mapped[Id] = mapped_column(primary_key=True)
    secret_hash: Mapped[bytes] = mapped_column(LargeBinary)
    user_agent: Mapped[Words]
    address: Mapped[Words]
    created_at: Mapped[Moment]
    last_seen_at: Mapped[Moment]


class Audited(Base):
    """Something that was done to an account, when and from where."""

    __tablename__ = "audit"

    owner_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("accounts.id", ondelete="CASCADE"), primary_key=True
    )
    id: Mapped[Id] = mapped_column(primary_key=True)
    at: Mapped[Moment]
    act: Mapped[Words]
    detail: Mapped[Words]
    address: Mapped[Words]


class Invitation(Base):
    """A one-time address that lets its holder create an account; the first of them is printed at start."""

    __tablename__ = "invitations"

    id: Mapped[Id] = mapped_column(primary_key=True)
    secret_hash: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    is_admin: Mapped[bool]
    label: Mapped[Words] = mapped_column(server_default="")
    """Whom it is for, in the words of the administrator who made it."""
    created_at: Mapped[Moment]
    expires_at: Mapped[Moment]


class Pairing(Base):
    """A one-time code by which a phone gets a token and a log-in of its own; only its hash is kept."""

    __tablename__ = "pairings"
    __table_args__ = (UniqueConstraint("owner_id", "secret_hash"),)

    owner_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("accounts.id", ondelete="CASCADE"), primary_key=True
    )
    id: Mapped[Id] = mapped_column(primary_key=True)
    secret_hash: Mapped[bytes] = mapped_column(LargeBinary)
    created_at: Mapped[Moment]
    expires_at: Mapped[Moment]


class PrivateFeed(Base):
    """What a search finds as a feed, at an address that only its owner knows; only its hash is kept."""

    __tablename__ = "private_feeds"
    __table_args__ = (UniqueConstraint("owner_id", "secret_hash"),)

    owner_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("accounts.id", ondelete="CASCADE"), primary_key=True
    )
    id: Mapped[Id] = mapped_column(primary_key=True)
    name: Mapped[Words]
    query: Mapped[Words]
    secret_hash: Mapped[bytes] = mapped_column(LargeBinary)
    created_at: Mapped[Moment]
    last_read_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))


class FailedAttempts(Base):
    """How often one target (an account's name, an address) was guessed at of late."""

    __tablename__ = "failed_attempts"
    __table_args__ = (Index("ix_failed_attempts_last_at", "last_at"),)

    target: Mapped[str] = mapped_column(Text, primary_key=True)
    failures: Mapped[int]
    last_at: Mapped[Moment]
