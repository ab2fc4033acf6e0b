"""Invitations: one-time addresses by which a person makes an account, the first one above all."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from linkhold import clock
from linkhold.accounts import accounts, secret
from linkhold.accounts.models import Account, Invitation
from linkhold.errors import NotFound

FIRST_LASTS = timedelta(days=7)


def issue_first(session: Session) -> str | None:
    """Return a code that lets its holder make the first account; None when there is one already.

    An earlier code stops working: the address that was printed last is the one that counts.
    """
    accounts.lock_first(session)
    if accounts.any_exist(session):
        return None
    session.execute(delete(Invitation))
    code = secret.issue_ownerless()
    now = clock.now()
    session.add(
        Invitation(
            secret_hash=secret.digest(code), is_admin=True, created_at=now, expires_at=now + FIRST_LASTS
        )
    )
    session.flush()
    return code


def find(session: Session, code: str) -> Invitation | None:
    """Return an invitation that can still be used."""
    return session.scalar(
        select(Invitation).where(
            Invitation.secret_hash == secret.digest(code), Invitation.expires_at > clock.now()
        )
    )


def accept(session: Session, code: str, *, name: str, password: str) -> Account:
    """Make the account that an invitation is for, and use the invitation up.

    Raises `NotFound` when it was used or has expired, and what `accounts.create` raises; the
    invitation is then still good.
    """
    # Deleting it is what claims it: of two that come at once, one finds a row.
    is_admin = session.scalar(
        delete(Invitation)
        .where(Invitation.secret_hash == secret.digest(code), Invitation.expires_at > clock.now())
        .returning(Invitation.is_admin)
    )
    if is_admin is None:
        raise NotFound("This address was used already, or has expired. Restart Linkhold for a new one.")
    return accounts.create(session, name, password, is_admin=is_admin)
