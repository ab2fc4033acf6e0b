"""The numbers of a library: of a large one they are kept for some minutes, of a small one never."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from linkhold import clock
from linkhold.accounts.models import Account
from linkhold.links import counting
from linkhold.links.counting import Counts
from linkhold.links.models import Link

Make = Callable[..., Link]


def test_what_is_counted_quickly_is_as_of_now(session: Session, account: Account, make_link: Make) -> None:
    counts = Counts(worth_keeping=60)
    for number in (1, 2):
        make_link(account)
        assert counts.of(session, account.id).statistics.totals.links == number


def test_what_takes_long_is_kept_for_its_owner_alone_and_counted_anew_in_time(
    session: Session,
    account: Account,
    make_account: Callable[..., Account],
    make_link: Make,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    counts, other, now = Counts(worth_keeping=0), make_account(), clock.now()
    make_link(account)
    first = counts.of(session, account.id)
    make_link(account)
    assert counts.of(session, account.id) is first
    assert counts.of(session, other.id).statistics.totals.links == 0
    monkeypatch.setattr(clock, "now", lambda: now + counting.KEPT + timedelta(seconds=9))
    assert counts.of(session, account.id).statistics.totals.links == 2


def test_those_that_were_not_counted_for_longest_are_forgotten(
    session: Session, account: Account, make_account: Callable[..., Account], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(counting, "MOST_LIBRARIES", 1)
    counts, other = Counts(worth_keeping=0), make_account()
    first = counts.of(session, account.id)
    counts.of(session, other.id)
    assert counts.of(session, account.id) is not first
