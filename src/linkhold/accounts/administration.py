"""What an administrator sees of the accounts, and may do to them; never what is in a library."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from linkhold.accounts import accounts, audit
from linkhold.accounts.models import Account, BrowserSession, Token
from linkhold.errors import Conflict

MOST_SHOWN = 1000


@dataclass(frozen=True, slots=True)
class Person:
    """An account as an administrator sees it."""

    id: int
    name: str
    is_admin: bool
    created_at: datetime
    seen_at: datetime | None
    """When a browser or a token of it was last used, to the nearest minutes."""


def people(session: Session) -> Sequence[Person]:
    """Return the accounts, in the order of their names."""
    browsers = select(BrowserSession.owner_id, BrowserSession.last_seen_at.label("at"))
    programs = select(Token.owner_id, Token.last_used_at.label("at"))
    used = browsers.union_all(programs).subquery()
    seen = select(used.c.owner_id, func.max(used.c.at).label("at")).group_by(used.c.owner_id).subquery()
    rows = session.execute(
        select(Account.id, Account.name, Account.is_admin, Account.created_at, seen.c.at)
        .outerjoin(seen, seen.c.owner_id == Account.id)
        .order_by(Account.name_key)
        .limit(MOST_SHOWN)
    )
    return [Person(*row) for row in rows]


def set_administrator(session: Session, account_id: int, *, value: bool) -> None:
    """Make an account an administrator's, or not any more.

    Raises `NotFound`, and `Conflict` for the only one that there is.
    """
    account = accounts.by_id(session, account_id)
    if account.is_admin == value:
        return
    if not value and accounts.is_only_administrator(session, account):
        raise Conflict("This is the only administrator: make another account one first.")
    account.is_admin = value
    audit.record(session, account_id, "made an administrator" if value else "no administrator any more")
    session.flush()
