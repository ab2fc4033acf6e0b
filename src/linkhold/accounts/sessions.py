"""Browser sessions: who a cookie stands for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, timedelta

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from linkhold import clock
from linkhold.accounts import audit, secret
from linkhold.accounts.models import Account, BrowserSession
from linkhold.errors import NotFound

LONGEST_TOLD = 400
SEEN_EVERY = timedelta(minutes=5)
PERSON = (
    *(Account.name, Account.language, Account.time_zone, Account.appearance),
    *(Account.is_admin, Account.quiet_keys),
)


@dataclass(frozen=True, slots=True)
class Visit:
    """Whom a session's cookie stands for, and how that person is to be shown things."""

    account_id: int
    session_id: int
    person: Person
    is_first_today: bool
    """Whether its browser was last seen on an earlier day."""


@dataclass(frozen=True, slots=True)
class Person:
    """What the pages know of who looks at them; the texts are as in `Account`."""

    name: str
    language: str = ""
    time_zone: str = ""
    appearance: str = ""
    is_admin: bool = False
    quiet_keys: bool = False


def start(session: Session, owner: int, *, user_agent: str, address: str) -> str:
    """Log a browser in and return the text of its cookie, which is not stored."""
    cookie = secret.issue(secret.SESSION_PREFIX, owner)
    now = clock.now()
    session.add(
        BrowserSession(
            owner_id=owner,
            secret_hash=secret.digest(cookie),
            user_agent=user_agent[:LONGEST_TOLD].replace("\0", ""),
            address=address,
            created_at=now,
            last_seen_at=now,
        )
    )
    audit.record(session, owner, "logged in", detail=user_agent)
    session.flush()
    return cookie


def find(session: Session, cookie: str, *, idle_days: int) -> Visit | None:
    """Return whom a cookie stands for; None when it is unknown, ended, or unused for `idle_days`."""
    owner = secret.owner_of(cookie, secret.SESSION_PREFIX)
    if owner is None:
        return None
    now = clock.now()
    row = session.execute(
        select(BrowserSession.id, BrowserSession.last_seen_at, *PERSON)
        .join(Account, Account.id == BrowserSession.owner_id)
        .where(
            BrowserSession.owner_id == owner,
            BrowserSession.secret_hash == secret.digest(cookie),
            BrowserSession.last_seen_at > now - timedelta(days=idle_days),
        )
    ).first()
    if row is None:
        return None
    seen = row.last_seen_at < now - SEEN_EVERY
    if seen:
        session.execute(
            update(BrowserSession)
            .where(BrowserSession.owner_id == owner, BrowserSession.id == row.id)
            .values(last_seen_at=now)
        )
    person = Person(**{name: getattr(row, name) for name in Person.__slots__})
    first = seen and row.last_seen_at.astimezone(UTC).date() < now.date()
    return Visit(owner, row.id, person, is_first_today=first)


def end(session: Session, cookie: str) -> None:
    """Log a browser out; an unknown cookie is nothing to worry about."""
    owner = secret.owner_of(cookie, secret.SESSION_PREFIX)
    if owner is None:
        return
    ended = session.scalar(
        delete(BrowserSession)
        .where(BrowserSession.owner_id == owner, BrowserSession.secret_hash == secret.digest(cookie))
        .returning(BrowserSession.user_agent)
    )
    if ended is not None:
        audit.record(session, owner, "logged out", detail=ended)


def of_account(session: Session, owner: int, *, idle_days: int) -> Sequence[BrowserSession]:
    """Return the browsers that are logged in, the last seen first."""
    query = select(BrowserSession).where(
        BrowserSession.owner_id == owner,
        BrowserSession.last_seen_at > clock.now() - timedelta(days=idle_days),
    )
    return session.scalars(query.order_by(BrowserSession.last_seen_at.desc())).all()


def end_one(session: Session, owner: int, session_id: int) -> None:
    """Log one browser out; raises `NotFound`."""
    ended = session.scalar(
        delete(BrowserSession)
        .where(BrowserSession.owner_id == owner, BrowserSession.id == session_id)
        .returning(BrowserSession.user_agent)
    )
    if ended is None:
        raise NotFound("This browser is logged out already.")
    audit.record(session, owner, "logged out", detail=ended)


def end_others(session: Session, owner: int, *, keep: int) -> int:
    """Log all browsers out but one; returns how many those were."""
    ended = session.scalars(
        delete(BrowserSession)
        .where(BrowserSession.owner_id == owner, BrowserSession.id != keep)
        .returning(BrowserSession.user_agent)
    ).all()
    for user_agent in ended:
        audit.record(session, owner, "logged out", detail=user_agent)
    return len(ended)
