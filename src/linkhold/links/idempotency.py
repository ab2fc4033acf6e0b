"""Answers kept by Idempotency-Key, so that a repeated request is answered as it was the first time.

The header is that of the IETF's draft-ietf-httpapi-idempotency-key-header. The key is taken in
the transaction of the request: what was not committed was not answered, and can be tried again.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from linkhold import clock
from linkhold.errors import BadInput, KeyReused
from linkhold.links.models import KeptAnswer

KEPT_FOR = timedelta(days=2)
LONGEST_KEY = 255
# How many expired answers a request with a key clears away: more than it adds, so none pile up.
CLEARED_AT_ONCE = 20


@dataclass(frozen=True, slots=True)
class Answer:
    """What was answered: the HTTP status and the body, byte for byte."""

    status: int
    body: bytes


def claim(session: Session, owner: int, key: str, *, fingerprint: bytes) -> Answer | None:
    """Take a key for a request, or return what the request was answered before.

    `fingerprint` tells one request from another. A repetition that comes while the first is still
    at work waits for it. Raises `KeyReused` when the key was used for another request, and
    `BadInput` for a key that is empty or longer than 255 characters.
    """
    if not key or len(key) > LONGEST_KEY:
        raise BadInput(f"An Idempotency-Key has 1 to {LONGEST_KEY} characters.", field="Idempotency-Key")
    clear_expired(session, owner, most=CLEARED_AT_ONCE)
    now = clock.now()
    taken = session.execute(
        insert(KeptAnswer)
        .values(owner_id=owner, key=key, fingerprint=fingerprint, status=0, body=b"", created_at=now)
        .on_conflict_do_nothing()
        .returning(KeptAnswer.key)
    ).first()
    if taken is not None:
        return None
    kept = session.execute(
        select(KeptAnswer.fingerprint, KeptAnswer.status, KeptAnswer.body).where(
            KeptAnswer.owner_id == owner, KeptAnswer.key == key
        )
    ).first()
    if kept is None:  # it expired, and was cleared by another request, between the two statements
        return claim(session, owner, key, fingerprint=fingerprint)
    if kept.fingerprint != fingerprint:
        raise KeyReused
    return Answer(kept.status, kept.body)


def keep(session: Session, owner: int, key: str, answer: Answer) -> None:
    """Keep the answer of a request whose key was claimed in this transaction."""
    kept = session.get_one(KeptAnswer, (owner, key))
    kept.status, kept.body = answer.status, answer.body
    session.flush()


def clear_expired(session: Session, owner: int, *, most: int | None = None) -> None:
    """Forget answers that are kept no longer: each has what a link held, which may be destroyed by now."""
    expired = (
        select(KeptAnswer.key)
        .where(KeptAnswer.owner_id == owner, KeptAnswer.created_at < clock.now() - KEPT_FOR)
        .order_by(KeptAnswer.created_at)
        .limit(most)
        .with_for_update(skip_locked=True)
    )
    session.execute(
        delete(KeptAnswer).where(KeptAnswer.owner_id == owner, KeptAnswer.key.in_(expired)),
        execution_options={"synchronize_session": False},
    )
