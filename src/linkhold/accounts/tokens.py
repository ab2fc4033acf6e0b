"""Tokens: secrets by which a program acts for an account, within scopes."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from linkhold import clock
from linkhold.accounts import audit, secret
from linkhold.accounts.models import Token
from linkhold.db.pool import Direct
from linkhold.errors import BadInput, NotFound

SCOPES = ("read", "write")
LONGEST_LABEL = 100
# "Last used" is told to the nearest minutes: a write for each request would double its cost.
TOUCHED_EVERY = timedelta(minutes=5)

# Asked with each request, so it goes straight to psycopg.
LOOK_UP = """
    SELECT id, label, scopes, expires_at, last_used_at FROM tokens
    WHERE owner_id = %(owner_id)s AND secret_hash = %(secret_hash)s
"""
TOUCH = """
    UPDATE tokens SET last_used_at = %(now)s
    WHERE (owner_id, id) IN (
        SELECT owner_id, id FROM tokens
        WHERE owner_id = %(owner_id)s AND id = %(id)s AND (last_used_at IS NULL OR last_used_at < %(stale)s)
        FOR UPDATE SKIP LOCKED
    )
"""


@dataclass(frozen=True, slots=True)
class Access:
    """What a valid token grants: to act for this account, within these scopes."""

    account_id: int
    label: str
    scopes: frozenset[str]
    expires_at: datetime | None = None


def issue(
    session: Session,
    owner: int,
    *,
    label: str,
    scopes: Collection[str],
    expires_at: datetime | None = None,
) -> str:
    """Make a token and return its text, which is not stored and cannot be shown again.

    Raises `BadInput` for a scope that does not exist, none at all, or an unusable label.
    """
    unknown = sorted(set(scopes).difference(SCOPES))
    if unknown or not scopes:
        raise BadInput(f"A token has one or more of the scopes {', '.join(SCOPES)}.", field="scopes")
    label = label.strip()
    if not label.isprintable() or not 1 <= len(label) <= LONGEST_LABEL:
        raise BadInput(f"A token's name has 1 to {LONGEST_LABEL} printable characters.", field="name")
    token = secret.issue(secret.TOKEN_PREFIX, owner)
    session.add(
        Token(
            owner_id=owner,
            label=label,
            secret_hash=secret.digest(token),
            scopes=[scope for scope in SCOPES if scope in scopes],
            created_at=clock.now(),
            expires_at=expires_at,
        )
    )
    session.flush()
    audit.record(session, owner, "token added", detail=f"{label} ({', '.join(scopes)})")
    return token


def find(connection: Direct, token: str) -> Access | None:
    """Return what a token grants; None for one that is unknown, revoked or expired."""
    owner = secret.owner_of(token, secret.TOKEN_PREFIX)
    if owner is None:
        return None
    now = clock.now()
    asked = {"owner_id": owner, "secret_hash": secret.digest(token)}
    row = connection.execute(LOOK_UP, asked, prepare=True).fetchone()
    if row is None:
        return None
    token_id, label, scopes, expires_at, last_used_at = row
    if expires_at is not None and expires_at <= now:
        return None
    stale = now - TOUCHED_EVERY
    if last_used_at is None or last_used_at < stale:
        connection.execute(TOUCH, {"owner_id": owner, "id": token_id, "now": now, "stale": stale})
    return Access(owner, label, frozenset(scopes), expires_at)


def known(session: Session, owner: int, token: str) -> Token | None:
    """Return an account's own token by its text, for a page that shows it; None for any other."""
    query = select(Token).where(Token.owner_id == owner, Token.secret_hash == secret.digest(token))
    return session.scalar(query)


def of_account(session: Session, owner: int) -> Sequence[Token]:
    """Return the tokens of an account, the oldest first."""
    return session.scalars(select(Token).where(Token.owner_id == owner).order_by(Token.id)).all()


def revoke(session: Session, owner: int, token_id: int) -> None:
    """Make a token worthless from now on; raises `NotFound`."""
    gone = session.scalar(
        delete(Token).where(Token.owner_id == owner, Token.id == token_id).returning(Token.label)
    )
    if gone is None:
        raise NotFound(f"This account has no token {token_id}: `linkhold token list` shows its tokens.")
    audit.record(session, owner, "token revoked", detail=gone)
