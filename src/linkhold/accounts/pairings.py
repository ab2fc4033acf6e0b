"""Pairing: a one-time code by which a phone gets a token of its own."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from linkhold import clock
from linkhold.accounts import audit, secret, tokens
from linkhold.accounts.models import Account, Pairing
from linkhold.errors import NotFound

LASTS = timedelta(minutes=10)
SPENT = "This code was used already, or is older than ten minutes: make a new one."


@dataclass(frozen=True, slots=True)
class Code:
    """The text of a code, which is not stored, and until when it is good."""

    text: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Paired:
    """What a code was good for: the account, and the token of the phone."""

    account_id: int
    token: str


def issue(session: Session, owner: int) -> Code:
    """Make a code; an earlier one of the account stops working."""
    session.execute(delete(Pairing).where(Pairing.owner_id == owner))
    text, now = secret.issue(secret.PAIRING_PREFIX, owner), clock.now()
    session.add(
        Pairing(owner_id=owner, secret_hash=secret.digest(text), created_at=now, expires_at=now + LASTS)
    )
    session.flush()
    return Code(text, now + LASTS)


def find(session: Session, code: str) -> str | None:
    """Return the name of the account that a code pairs with; None for one that cannot be used (any more)."""
    owner = secret.owner_of(code, secret.PAIRING_PREFIX)
    if owner is None:
        return None
    return session.scalar(
        select(Account.name)
        .join(Pairing, Pairing.owner_id == Account.id)
        .where(
            Pairing.owner_id == owner,
            Pairing.secret_hash == secret.digest(code),
            Pairing.expires_at > clock.now(),
        )
    )


def open_one(session: Session, owner: int, code: str) -> Code | None:
    """Return an account's own code by its text, for a page that shows it; None once it is of no use."""
    expires_at = session.scalar(
        select(Pairing.expires_at).where(
            Pairing.owner_id == owner,
            Pairing.secret_hash == secret.digest(code),
            Pairing.expires_at > clock.now(),
        )
    )
    return Code(code, expires_at) if expires_at else None


def pair(session: Session, owner: int, *, device: str) -> str:
    """Make a token named for a device and return its text; raises `BadInput` for an unusable name."""
    token = tokens.issue(session, owner, label=device, scopes=tokens.SCOPES)
    audit.record(session, owner, "phone paired", detail=device)
    return token


def claim(session: Session, code: str, *, device: str) -> Paired:
    """Use a code up, and make a token named for the device.

    Raises `NotFound` for a code that was used or has expired, and `BadInput` for an unusable name: the
    code is then still good.
    """
    owner = secret.owner_of(code, secret.PAIRING_PREFIX)
    # Deleting it is what claims it: of two that come at once, one finds a row.
    claimed = owner is not None and session.scalar(
        delete(Pairing)
        .where(
            Pairing.owner_id == owner,
            Pairing.secret_hash == secret.digest(code),
            Pairing.expires_at > clock.now(),
        )
        .returning(Pairing.id)
    )
    if owner is None or not claimed:
        raise NotFound(SPENT)
    return Paired(owner, pair(session, owner, device=device))
