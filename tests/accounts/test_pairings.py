"""Pairing codes: ten minutes, one use, one phone."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from conftest import add_account
from linkhold import clock
from linkhold.accounts import pairings, tokens
from linkhold.accounts.models import Account
from linkhold.errors import BadInput, NotFound
from linkhold.runtime import Runtime


def test_a_code_pairs_one_phone(session: Session, account: Account) -> None:
    code = pairings.issue(session, account.id).text
    assert pairings.find(session, code) == account.name
    paired = pairings.claim(session, code, device="Ada's iPhone")
    assert paired.account_id == account.id
    [token] = tokens.of_account(session, account.id)
    assert (token.label, token.scopes) == ("Ada's iPhone", ["read", "write"])
    assert pairings.find(session, code) is None
    with pytest.raises(NotFound):
        pairings.claim(session, code, device="another")


def test_a_code_is_good_for_ten_minutes(
    session: Session, account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    code = pairings.issue(session, account.id)
    later = clock.now() + timedelta(minutes=10, seconds=1)
    monkeypatch.setattr(clock, "now", lambda: later)
    assert code.expires_at < later
    assert pairings.find(session, code.text) is None
    with pytest.raises(NotFound):
        pairings.claim(session, code.text, device="iPhone")


def test_a_newer_code_is_the_one_that_counts(session: Session, account: Account) -> None:
    first, second = (pairings.issue(session, account.id).text for _ in range(2))
    assert pairings.find(session, first) is None
    assert pairings.find(session, second) == account.name


def test_a_name_that_cannot_be_leaves_the_code_good(session: Session, account: Account) -> None:
    code = pairings.issue(session, account.id).text
    with pytest.raises(BadInput), session.begin_nested():
        pairings.claim(session, code, device="\n")
    assert pairings.find(session, code) == account.name


@pytest.mark.parametrize(
    "code", ["", "x", "lhp_1_", "lhp_1_" + "0" * 40, "lh_1_" + "0" * 40, "lhp_0_" + "0" * 40]
)
def test_what_is_no_code_pairs_nothing(session: Session, account: Account, code: str) -> None:
    pairings.issue(session, account.id)
    assert pairings.find(session, code) is None
    with pytest.raises(NotFound):
        pairings.claim(session, code, device="iPhone")


def test_of_phones_that_come_at_once_one_is_paired(own_runtime: Runtime) -> None:
    account = add_account(own_runtime)
    with own_runtime.transaction() as session:
        code = pairings.issue(session, account.id).text

    def claim(number: int) -> bool:
        try:
            with own_runtime.transaction() as session:
                pairings.claim(session, code, device=f"phone {number}")
        except NotFound:
            return False
        return True

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(claim, range(4))) == [False, False, False, True]
    with own_runtime.reading() as session:
        assert len(tokens.of_account(session, account.id)) == 1
