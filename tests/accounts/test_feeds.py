"""Private feeds: secrets that are shown once, worthless once revoked, and nobody else's."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from linkhold import clock, logs
from linkhold.accounts import accounts, audit, feeds, secret
from linkhold.accounts.models import Account, PrivateFeed
from linkhold.errors import BadInput, LimitExceeded, NotFound


@pytest.mark.parametrize(
    "wrong",
    [
        "",
        "lhf_1_",
        "lhf_1_" + "0" * 40,
        "lhf_99999999999999999999_" + "0" * 40,
        "lh_1_" + "0" * 40,
        "\0",
        "\ud800",
        "lhf_1_" + "0" * 4000,
    ],
)
def test_what_is_no_secret_finds_nothing(session: Session, account: Account, wrong: str) -> None:
    feeds.issue(session, account.id, name="Recipes", query="#recipes", longest=2000)
    assert feeds.find(session, wrong) is None


def test_a_secret_works_for_its_own_account_alone(
    session: Session, make_account: Callable[..., Account]
) -> None:
    ada, eve = make_account(), make_account()
    _, text = feeds.issue(session, ada.id, name="Recipes", query="", longest=2000)
    assert feeds.find(session, text.replace(f"_{ada.id}_", f"_{eve.id}_")) is None
    assert feeds.of_account(session, eve.id) == []
    with pytest.raises(NotFound):
        feeds.revoke(session, eve.id, feeds.of_account(session, ada.id)[0].id)
    found = feeds.find(session, text)
    assert found is not None
    assert found.owner_id == ada.id


def test_a_revoked_feed_is_gone_and_so_are_those_of_a_removed_account(
    session: Session, make_account: Callable[..., Account]
) -> None:
    account = make_account()
    first, text = feeds.issue(session, account.id, name="One", query="", longest=2000)
    _, other = feeds.issue(session, account.id, name="Two", query="", longest=2000)
    feeds.revoke(session, account.id, first.id)
    assert feeds.find(session, text) is None
    accounts.remove(session, account)
    session.expire_all()
    assert feeds.find(session, other) is None


def test_only_a_hash_is_kept_and_logs_mask_the_secret(session: Session, account: Account) -> None:
    feed, text = feeds.issue(session, account.id, name="One", query="", longest=2000)
    assert text.startswith(f"{secret.FEED_PREFIX}_{account.id}_")
    assert text.encode() not in feed.secret_hash
    digits = text.rpartition("_")[2]
    assert digits not in logs.masked(f"GET /feed/{text}/atom.xml 200")


@pytest.mark.parametrize(
    ("name", "query", "field"),
    [
        ("", "", "name"),
        ("  ", "", "name"),
        ("x" * 101, "", "name"),
        ("a\0b", "", "name"),
        ("a\u202eb", "", "name"),
        ("x", "y" * 2001, "query"),
        ("x", "a\0b", "query"),
    ],
)
def test_what_cannot_be_a_feed_is_refused(
    session: Session, account: Account, name: str, query: str, field: str
) -> None:
    with pytest.raises(BadInput) as refused:
        feeds.issue(session, account.id, name=name, query=query, longest=2000)
    assert dict(refused.value.faults).keys() == {field}
    assert feeds.of_account(session, account.id) == []


def test_there_is_an_end_to_how_many(
    session: Session, account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feeds, "MOST", 1)
    feeds.issue(session, account.id, name="One", query="", longest=2000)
    with pytest.raises(LimitExceeded):
        feeds.issue(session, account.id, name="Two", query="", longest=2000)


def test_reading_is_told_to_the_nearest_minutes(session: Session, account: Account) -> None:
    feed, secret_text = feeds.issue(session, account.id, name="One", query="", longest=2000)

    def read(ago: timedelta | None) -> bool:
        """Tell whether a reading is written down when the last one was so long ago."""
        before = None if ago is None else clock.now() - ago
        session.execute(text("UPDATE private_feeds SET last_read_at = :at"), {"at": before})
        session.expire_all()
        feeds.find(session, secret_text)
        session.expire_all()
        return session.get_one(PrivateFeed, (account.id, feed.id)).last_read_at != before

    assert read(None)
    assert not read(timedelta(minutes=4))
    assert read(timedelta(minutes=6))


def test_what_is_given_out_is_recorded(session: Session, account: Account) -> None:
    feed, _ = feeds.issue(session, account.id, name="One", query="", longest=2000)
    feeds.revoke(session, account.id, feed.id)
    for public in (True, True, False):
        accounts.set_public(session, account.id, public)
    acts = [(each.act, each.detail) for each in audit.of_account(session, account.id, limit=4)]
    assert acts == [
        ("public page closed", ""),
        ("public page opened", ""),
        ("feed revoked", "One"),
        ("feed added", "One"),
    ]
