"""Invitations: one-time addresses by which a person makes an account, the first one above all."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from linkhold import clock
from linkhold.accounts import accounts, audit, secret
from linkhold.accounts.models import Account, Invitation
from linkhold.errors import BadInput, NotFound

FIRST_LASTS = timedelta(days=7)
LIFETIMES = (1, 7, 30)
"""For how many days an invitation may be good."""
LONGEST_LABEL = 100


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


def issue(session: Session, by: int, *, label: str, days: int) -> str:
    """Return a code that lets its holder make an account, once, within some days.

    `by` is the administrator who invites. Raises `BadInput` for an unusable label or lifetime.
    """
    label = label.strip()
    if not label.isprintable() or len(label) > LONGEST_LABEL:
        raise BadInput(f"A note has up to {LONGEST_LABEL} printable characters.", field="label")
    if days not in LIFETIMES:
        raise BadInput("Choose for how long the invitation is good.", field="days")
    code, now = secret.issue_ownerless(), clock.now()
    session.add(
        Invitation(
            secret_hash=secret.digest(code),
            is_admin=False,
            label=label,
            created_at=now,
            expires_at=now + timedelta(days=days),
        )
    )
    audit.record_administration(session, "invitation made", by=by, detail=label)
    session.flush()
    return code


def open_ones(session: Session) -> Sequence[Invitation]:
    """Return the invitations that can still be used, the oldest first."""
    query = select(Invitation).where(Invitation.expires_at > clock.now()).order_by(Invitation.id)
    return session.scalars(query).all()


def withdraw(session: Session, by: int, *, invitation_id: int) -> None:
    """Make an invitation worthless; raises `NotFound`."""
    gone = session.scalar(
        delete(Invitation).where(Invitation.id == invitation_id).returning(Invitation.label)
    )
    if gone is None:
        raise NotFound("This invitation was used, or withdrawn already.")
    audit.record_administration(session, "invitation withdrawn", by=by, detail=gone)


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
        raise NotFound("This address was used already, or has expired: ask for a new one.")
    return accounts.create(session, name, password, is_admin=is_admin)
