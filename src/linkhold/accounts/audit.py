"""What was done to an account, or by it as an administrator, kept for its owner to see."""

from __future__ import annotations

from collections.abc import Sequence
from contextvars import ContextVar
from typing import Literal

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from linkhold import clock
from linkhold.accounts.models import Account, Audited

Act = Literal[
    "account made",
    "account removed",
    "invitation made",
    "invitation withdrawn",
    "key renewed",
    "logged in",
    "made an administrator",
    "no administrator any more",
    "log-in refused",
    "logged out",
    "password set",
    "phone paired",
    "token added",
    "token revoked",
    "feed added",
    "feed revoked",
    "public page opened",
    "public page closed",
]

COMMAND_LINE = "command line"
LONGEST_DETAIL = 400

address: ContextVar[str] = ContextVar("address", default=COMMAND_LINE)
"""Where whoever acts is: the client's address, said by the door; or the command line of the server."""

REFUSED = text("""
    INSERT INTO audit (owner_id, at, act, detail, address)
    SELECT id, :at, 'log-in refused', :detail, :address FROM accounts WHERE id = :owner_id
""")


def record(session: Session, owner: int, act: Act, *, detail: str = "") -> None:
    """Keep what is being done to an account, in the transaction that does it."""
    session.add(
        Audited(
            owner_id=owner,
            at=clock.now(),
            act=act,
            detail=_short(detail),
            address=address.get(),
        )
    )


def record_refusal(session: Session, owner: int | None, *, detail: str) -> None:
    """Keep that a log-in was refused; for a name that nobody has, do as much and keep nothing.

    How long the answer takes must not tell which names there are.
    """
    about = {"at": clock.now(), "detail": _short(detail), "address": address.get()}
    session.execute(REFUSED, {"owner_id": owner, **about})


def record_administration(session: Session, act: Act, *, by: int | None, detail: str = "") -> None:
    """Keep what was done to the whole server: with who did it, or with every administrator.

    At the command line nobody has logged in, and those who administer Linkhold are to see it.
    """
    administrators = select(Account.id).where(Account.is_admin)
    for owner in [by] if by is not None else session.scalars(administrators).all():
        record(session, owner, act, detail=detail)


def of_account(session: Session, owner: int, *, limit: int, before: int | None = None) -> Sequence[Audited]:
    """Return what was done to an account, the last first; `before` is the id that a page ended with."""
    query = select(Audited).where(Audited.owner_id == owner)
    if before is not None:
        query = query.where(Audited.id < before)
    return session.scalars(query.order_by(Audited.id.desc()).limit(limit)).all()


def _short(detail: str) -> str:
    return detail.replace("\0", "")[:LONGEST_DETAIL]
