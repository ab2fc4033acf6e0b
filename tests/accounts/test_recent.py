"""A token is looked up once in a while, and refused from the moment that it is revoked."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import timedelta

import pytest

from conftest import add_account, add_token
from linkhold import clock
from linkhold.accounts import accounts, recent, tokens
from linkhold.accounts.models import Account
from linkhold.accounts.recent import RecentTokens
from linkhold.app import create_app
from linkhold.db.pool import Direct
from linkhold.runtime import Runtime
from patience import until

SOON = 60.0


class Lending:
    """Lends connections, and counts how often."""

    def __init__(self, runtime: Runtime) -> None:
        self.runtime, self.times = runtime, 0

    def __call__(self) -> AbstractContextManager[Direct]:
        self.times += 1
        return self.runtime.direct()


@pytest.fixture
def lending(runtime: Runtime) -> Lending:
    return Lending(runtime)


@pytest.fixture
def token(runtime: Runtime, account: Account) -> str:
    return add_token(runtime, account)


def test_a_token_is_looked_up_once(lending: Lending, token: str, account: Account) -> None:
    kept = RecentTokens(lambda: True)
    found = [kept.find(lending, token) for _ in range(3)]
    assert [access.account_id for access in found if access] == [account.id] * 3
    assert lending.times == 1


def test_nothing_is_kept_by_a_process_that_cannot_hear(lending: Lending, token: str) -> None:
    kept = RecentTokens(lambda: False)
    for _ in range(3):
        kept.find(lending, token)
    assert lending.times == 3


def test_what_was_kept_is_not_used_once_the_process_is_deaf(lending: Lending, token: str) -> None:
    hears = [True]
    kept = RecentTokens(lambda: hears[0])
    kept.find(lending, token)
    hears[0] = False
    kept.find(lending, token)
    assert lending.times == 2


def test_an_unknown_token_is_looked_up_each_time(lending: Lending, token: str) -> None:
    kept = RecentTokens(lambda: True)
    assert kept.find(lending, token[:-1] + "!") is None
    assert kept.find(lending, token[:-1] + "!") is None
    assert lending.times == 2


def test_what_is_forgotten_is_looked_up_again(lending: Lending, token: str) -> None:
    kept = RecentTokens(lambda: True)
    kept.find(lending, token)
    kept.forget()
    kept.find(lending, token)
    assert lending.times == 2


def test_a_token_that_was_read_before_a_revocation_is_not_kept_after_it(
    lending: Lending, token: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = RecentTokens(lambda: True)
    look_up = tokens.find

    def revoked_meanwhile(connection: Direct, text: str) -> tokens.Access | None:
        access = look_up(connection, text)
        kept.forget()
        return access

    monkeypatch.setattr(tokens, "find", revoked_meanwhile)
    kept.find(lending, token)
    kept.find(lending, token)
    assert lending.times == 2


def test_an_expired_token_is_not_granted_for_having_been_kept(
    lending: Lending, token: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = RecentTokens(lambda: True)
    look_up = tokens.find

    def expiring(connection: Direct, text: str) -> tokens.Access | None:
        access = look_up(connection, text)
        return access and replace(access, expires_at=clock.now() - timedelta(seconds=1))

    monkeypatch.setattr(tokens, "find", expiring)
    kept.find(lending, token)
    kept.find(lending, token)
    assert lending.times == 2


def test_a_token_is_not_trusted_for_longer_than_seconds(
    lending: Lending, token: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recent, "KEPT_SECONDS", -1.0)
    kept = RecentTokens(lambda: True)
    kept.find(lending, token)
    kept.find(lending, token)
    assert lending.times == 2


def test_no_more_are_kept_than_memory_should_hold(
    lending: Lending, runtime: Runtime, account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recent, "MOST_KEPT", 2)
    kept = RecentTokens(lambda: True)
    for _ in range(5):
        assert kept.find(lending, add_token(runtime, account)) is not None
    assert len(kept._kept) <= 2


@pytest.fixture
def serving(own_runtime: Runtime, monkeypatch: pytest.MonkeyPatch) -> Iterator[Runtime]:
    """Return one that forgets a token only when it is told to."""
    monkeypatch.setattr(recent, "KEPT_SECONDS", 600)
    own_runtime.listen()
    assert own_runtime.listener.wait(SOON)
    yield own_runtime
    own_runtime.listener.stop()


def status(runtime: Runtime, token: str) -> int:
    client = create_app(runtime).test_client()
    return client.get("/links", headers={"Authorization": f"Bearer {token}"}).status_code


def test_a_token_revoked_elsewhere_is_refused_here_at_once(serving: Runtime) -> None:
    account = add_account(serving)
    token = add_token(serving, account)
    assert status(serving, token) == 200
    elsewhere = Runtime.on(serving.engine, serving.settings)
    with elsewhere.transaction() as session:
        tokens.revoke(session, account.id, tokens.of_account(session, account.id)[0].id)
    until(lambda: status(serving, token) == 401)


def test_the_tokens_of_an_account_that_is_removed_are_refused_at_once(serving: Runtime) -> None:
    account = add_account(serving)
    token = add_token(serving, account)
    assert status(serving, token) == 200
    with serving.transaction() as session:
        accounts.remove(session, account)
    until(lambda: status(serving, token) == 401)
