"""The brake on guessing, over real connections: all processes brake as one."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from linkhold.accounts import throttle
from linkhold.accounts.throttle import Target
from linkhold.errors import Throttled
from linkhold.runtime import Runtime


@pytest.mark.parametrize(
    ("failures", "seconds"), [(0, 0), (10, 0), (11, 1), (12, 2), (13, 4), (16, 32), (17, 60), (10_000, 60)]
)
def test_each_failure_beyond_the_free_ones_doubles_the_wait(failures: int, seconds: int) -> None:
    assert throttle.account("ada").wait(failures) == seconds


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("2001:db8::1", "2001:db8::ffff"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("", "nonsense"),
    ],
)
def test_these_addresses_are_one_client(one: str, other: str) -> None:
    assert throttle.address(one) == throttle.address(other)


def test_a_name_is_one_target_without_case_and_whatever_is_in_it(session: Session) -> None:
    assert throttle.account("Ada") == throttle.account("ADA")
    throttle.attempt(session, [throttle.account("a\0" + "x" * 10_000), throttle.address("192.0.2.1")])


@pytest.mark.usefixtures("one_moment")
def test_a_hundred_guesses_at_one_moment_are_a_hundred_attempts(own_runtime: Runtime) -> None:
    targets = [throttle.account("ada"), throttle.address("192.0.2.1")]

    def guess(_: int) -> bool:
        try:
            with own_runtime.transaction() as session:
                throttle.attempt(session, targets)
        except Throttled:
            return False
        return True

    with ThreadPoolExecutor(20) as pool:
        passed = sum(pool.map(guess, range(100)))
    assert passed == 11, "the free ones, and the one that makes the first wait"


def test_success_forgives_the_account_and_of_the_address_only_itself(session: Session) -> None:
    account, address = throttle.account("ada"), throttle.address("192.0.2.1")
    for _ in range(5):
        throttle.attempt(session, [account, address])
    throttle.forgive(session, [account, address])
    rows = session.execute(text("SELECT target, failures FROM failed_attempts")).all()
    assert dict(rows) == {account.key: 0, address.key: 4}


@pytest.mark.usefixtures("one_moment")
def test_failures_are_forgotten_after_an_hour(session: Session) -> None:
    target = Target("account:ada", free=1, longest_wait=10_000)
    for _ in range(2):
        throttle.attempt(session, [target])
    with pytest.raises(Throttled) as caught:
        throttle.attempt(session, [target])
    assert caught.value.retry_after == 1
    hour = throttle.FORGOTTEN_AFTER + timedelta(seconds=1)
    session.execute(text("UPDATE failed_attempts SET last_at = last_at - :hour"), {"hour": hour})
    throttle.attempt(session, [target])
    session.execute(text("UPDATE failed_attempts SET last_at = last_at - :hour"), {"hour": hour})
    throttle.forgive(session, [])
    assert session.execute(text("SELECT count(*) FROM failed_attempts")).scalar() == 0
