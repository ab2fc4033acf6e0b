"""Private feeds: what a search finds, at an address that only its owner knows."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import delete, func, or_, select, update
from sqlalchemy.orm import Session

from linkhold import clock
from linkhold.accounts import audit, secret
from linkhold.accounts.models import PrivateFeed
from linkhold.errors import BadInput, LimitExceeded, NotFound

LONGEST_NAME = 100
MOST = 100
# "Last read" is told to the nearest minutes: readers ask often, and a write for each would be a waste.
TOUCHED_EVERY = timedelta(minutes=5)


def issue(session: Session, owner: int, *, name: str, query: str, longest: int) -> tuple[PrivateFeed, str]:
    """Make a feed and return it with its secret, which is not stored and cannot be shown again.

    `longest` is how long a search may be: that is known where searches are read.
    Raises `BadInput` for an unusable name or search, and `LimitExceeded`.
    """
    name, query = " ".join(name.split()), " ".join(query.split())
    if not name.isprintable() or not 1 <= len(name) <= LONGEST_NAME:
        raise BadInput(f"A feed's name has 1 to {LONGEST_NAME} printable characters.", field="name")
    if len(query) > longest:
        raise LimitExceeded(f"The search is longer than {longest} characters.", field="query")
    if "\0" in query:
        raise BadInput("The search contains a character that text cannot hold.", field="query")
    count = session.scalar(select(func.count()).where(PrivateFeed.owner_id == owner)) or 0
    if count >= MOST:
        raise LimitExceeded(f"An account can have at most {MOST} private feeds.", field="name")
    text = secret.issue(secret.FEED_PREFIX, owner)
    feed = PrivateFeed(
        owner_id=owner, name=name, query=query, secret_hash=secret.digest(text), created_at=clock.now()
    )
    session.add(feed)
    session.flush()
    audit.record(session, owner, "feed added", detail=name)
    return feed, text


def of_account(session: Session, owner: int) -> Sequence[PrivateFeed]:
    """Return the private feeds of an account, the oldest first."""
    query = select(PrivateFeed).where(PrivateFeed.owner_id == owner).order_by(PrivateFeed.id)
    return session.scalars(query).all()


def known(session: Session, owner: int, text: str) -> PrivateFeed | None:
    """Return an account's own feed by its secret, for a page that shows it; None for any other."""
    query = select(PrivateFeed).where(
        PrivateFeed.owner_id == owner, PrivateFeed.secret_hash == secret.digest(text)
    )
    return session.scalar(query)


def find(session: Session, text: str) -> PrivateFeed | None:
    """Return the feed of a secret, and remember that it was read; None for one that is none or revoked."""
    owner = secret.owner_of(text, secret.FEED_PREFIX)
    if owner is None:
        return None
    feed = session.scalar(
        select(PrivateFeed).where(
            PrivateFeed.owner_id == owner, PrivateFeed.secret_hash == secret.digest(text)
        )
    )
    if feed is None:
        return None
    now = clock.now()
    if feed.last_read_at is None or feed.last_read_at < now - TOUCHED_EVERY:
        # Of several readers at once, one writes.
        stale = or_(PrivateFeed.last_read_at.is_(None), PrivateFeed.last_read_at < now - TOUCHED_EVERY)
        session.execute(
            update(PrivateFeed)
            .where(PrivateFeed.owner_id == owner, PrivateFeed.id == feed.id, stale)
            .values(last_read_at=now)
        )
    return feed


def revoke(session: Session, owner: int, feed_id: int) -> None:
    """Make the address of a feed worthless from now on; raises `NotFound`."""
    gone = session.scalar(
        delete(PrivateFeed)
        .where(PrivateFeed.owner_id == owner, PrivateFeed.id == feed_id)
        .returning(PrivateFeed.name)
    )
    if gone is None:
        raise NotFound("This account has no such feed.")
    audit.record(session, owner, "feed revoked", detail=gone)
