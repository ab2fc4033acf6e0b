"""Idempotency keys: a repeated request is answered as it was the first time."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from linkhold.accounts.models import Account
from linkhold.errors import BadInput, KeyReused
from linkhold.links import idempotency
from linkhold.links.idempotency import Answer
from linkhold.links.models import KeptAnswer


def test_a_repetition_gets_the_first_answer(session: Session, account: Account) -> None:
    assert idempotency.claim(session, account.id, "k", fingerprint=b"1") is None
    idempotency.keep(session, account.id, "k", Answer(201, b"{}"))
    assert idempotency.claim(session, account.id, "k", fingerprint=b"1") == Answer(201, b"{}")


def test_a_key_for_another_request_is_refused(session: Session, account: Account) -> None:
    idempotency.claim(session, account.id, "k", fingerprint=b"1")
    with pytest.raises(KeyReused):
        idempotency.claim(session, account.id, "k", fingerprint=b"2")


@pytest.mark.parametrize("key", ["", "k" * 256])
def test_a_key_that_is_no_key_is_refused(session: Session, account: Account, key: str) -> None:
    with pytest.raises(BadInput, match="Idempotency-Key"):
        idempotency.claim(session, account.id, key, fingerprint=b"1")


def test_expired_answers_are_cleared_away_by_the_next(session: Session, account: Account) -> None:
    for number in range(30):
        idempotency.claim(session, account.id, f"k{number}", fingerprint=b"1")
    past = KeptAnswer.created_at - idempotency.KEPT_FOR - timedelta(seconds=1)
    session.execute(update(KeptAnswer).values(created_at=past))
    for number in range(2):
        idempotency.claim(session, account.id, f"new{number}", fingerprint=b"1")
    assert session.scalar(select(func.count()).select_from(KeptAnswer)) == 2
