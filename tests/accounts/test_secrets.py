"""Accounts, tokens, sessions and invitations: what opens a door, and what does not any more."""

from __future__ import annotations

import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import select, text, update
from sqlalchemy.orm import Session

from conftest import PASSWORD
from linkhold import clock
from linkhold.accounts import accounts, invitations, secret, sessions, tokens
from linkhold.accounts.models import Account, BrowserSession, Invitation, Token
from linkhold.db.engine import direct
from linkhold.errors import BadInput, NameTaken, NotFound
from linkhold.runtime import Runtime


@pytest.mark.parametrize("name", ["", " ", "a b", "a:b", "x" * 65, "a\0", "a/b", "\ud800"])
def test_a_name_that_cannot_be_one_is_refused(session: Session, name: str) -> None:
    with pytest.raises(BadInput):
        accounts.create(session, name, PASSWORD)
    assert accounts.find(session, name) is None


def test_a_name_is_taken_in_any_case(session: Session) -> None:
    accounts.create(session, "Zoë", PASSWORD)
    assert accounts.find(session, "ZOË") is not None
    with pytest.raises(NameTaken):
        accounts.create(session, "zoë", PASSWORD)
    session.rollback()


def test_only_the_first_account_is_made_an_administrators(session: Session) -> None:
    made = [accounts.create(session, name, PASSWORD) for name in ("first", "second")]
    assert [each.is_admin for each in made] == [True, False]


def test_a_new_password_logs_browsers_out_and_leaves_tokens(session: Session, account: Account) -> None:
    cookie = sessions.start(session, account.id, user_agent="x", address="x")
    token = tokens.issue(session, account.id, label="x", scopes=["read"])
    accounts.set_password(session, session.get_one(Account, account.id), "another horse")
    assert sessions.find(session, cookie, idle_days=1) is None
    assert tokens.find(direct(session), token) is not None


def test_a_token_is_shown_once_and_kept_as_a_hash(session: Session, account: Account) -> None:
    token = tokens.issue(session, account.id, label="iPhone", scopes=["write", "read"])
    assert re.fullmatch(rf"lh_{account.id}_[0-9a-f]{{40}}", token)
    kept = session.scalars(select(Token)).one()
    assert kept.secret_hash == secret.digest(token)
    assert kept.scopes == ["read", "write"]
    access = tokens.find(direct(session), token)
    assert access is not None
    assert (access.account_id, access.label) == (account.id, "iPhone")


def test_a_token_ends_when_it_expires_and_when_it_is_revoked(session: Session, account: Account) -> None:
    soon = clock.now() + timedelta(seconds=60)
    token = tokens.issue(session, account.id, label="x", scopes=["read"], expires_at=soon)
    other = tokens.issue(session, account.id, label="y", scopes=["read"])
    assert tokens.find(direct(session), token) is not None
    session.execute(update(Token).where(Token.label == "x").values(expires_at=clock.now()))
    assert tokens.find(direct(session), token) is None
    number = tokens.of_account(session, account.id)[1].id
    tokens.revoke(session, account.id, number)
    assert tokens.find(direct(session), other) is None
    with pytest.raises(NotFound):
        tokens.revoke(session, account.id, number)


def test_a_token_is_of_its_own_account_alone(
    session: Session, account: Account, make_account: Callable[..., Account]
) -> None:
    stranger = make_account()
    token = tokens.issue(session, account.id, label="x", scopes=["read"])
    forged = token.replace(f"lh_{account.id}_", f"lh_{stranger.id}_")
    assert tokens.find(direct(session), forged) is None
    with pytest.raises(NotFound):
        tokens.revoke(session, stranger.id, tokens.of_account(session, account.id)[0].id)


@pytest.mark.parametrize(
    ("label", "scopes"),
    [("", ["read"]), ("x" * 101, ["read"]), ("a\nb", ["read"]), ("x", []), ("x", ["all"])],
)
def test_a_token_that_cannot_be_is_refused(
    session: Session, account: Account, label: str, scopes: list[str]
) -> None:
    with pytest.raises(BadInput):
        tokens.issue(session, account.id, label=label, scopes=scopes)


def test_last_use_is_written_at_most_every_few_minutes(session: Session, account: Account) -> None:
    token = tokens.issue(session, account.id, label="x", scopes=["read"])
    used = select(Token.last_used_at).execution_options(populate_existing=True)
    tokens.find(direct(session), token)
    first = session.scalar(used)
    tokens.find(direct(session), token)
    assert first is not None
    assert session.scalar(used) == first
    session.execute(text("UPDATE tokens SET last_used_at = last_used_at - interval '6 minutes'"))
    tokens.find(direct(session), token)
    latest = session.scalar(used)
    assert latest is not None
    assert latest > first - timedelta(minutes=1)


def test_a_cookie_is_kept_as_a_hash_and_ends_with_log_out(session: Session, account: Account) -> None:
    cookie = sessions.start(session, account.id, user_agent="\0" + "x" * 1000, address="192.0.2.1")
    kept = session.scalars(select(BrowserSession)).one()
    assert kept.secret_hash == secret.digest(cookie)
    assert len(kept.user_agent) <= 400
    assert sessions.find(session, cookie, idle_days=1) is not None
    for nobody in ("", "x", cookie[:-1], cookie.replace("lhs_", "lh_")):
        assert sessions.find(session, nobody, idle_days=1) is None
        sessions.end(session, nobody)
    sessions.end(session, cookie)
    assert sessions.find(session, cookie, idle_days=1) is None


def test_a_visit_keeps_a_session_alive(session: Session, account: Account) -> None:
    cookie = sessions.start(session, account.id, user_agent="x", address="x")
    session.execute(text("UPDATE sessions SET last_seen_at = last_seen_at - interval '6 days'"))
    assert sessions.find(session, cookie, idle_days=7) is not None
    session.execute(text("UPDATE sessions SET last_seen_at = last_seen_at - interval '6 days'"))
    assert sessions.find(session, cookie, idle_days=7) is not None


def test_the_address_that_was_printed_last_is_the_one_that_counts(session: Session) -> None:
    first, second = invitations.issue_first(session), invitations.issue_first(session)
    assert first
    assert second
    assert invitations.find(session, first) is None
    assert invitations.find(session, second) is not None
    accounts.create(session, "made-otherwise", PASSWORD)
    assert invitations.find(session, second) is None
    assert invitations.issue_first(session) is None


def test_an_invitation_expires(session: Session) -> None:
    code = invitations.issue_first(session)
    assert code is not None
    session.execute(update(Invitation).values(expires_at=clock.now()))
    with pytest.raises(NotFound):
        invitations.accept(session, code, name="ada", password=PASSWORD)


def test_of_many_that_come_with_one_code_one_gets_the_account(own_runtime: Runtime) -> None:
    with own_runtime.transaction() as session:
        code = invitations.issue_first(session)
    assert code is not None

    def accept(number: int) -> bool:
        try:
            with own_runtime.transaction() as session:
                invitations.accept(session, code, name=f"ada{number}", password=PASSWORD)
        except NotFound:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(accept, range(8))) == 1
