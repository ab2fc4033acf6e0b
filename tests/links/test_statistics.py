"""What a library holds, counted."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from sqlalchemy.orm import Session

from linkhold import clock
from linkhold.accounts.models import Account
from linkhold.links import completion, statistics, tag_counts, trash
from linkhold.links.changes import Origin
from linkhold.links.models import Link

Make = Callable[..., Link]


def test_months_have_no_gaps_and_end_with_this_one(
    session: Session, account: Account, make_link: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_link(account)
    made = make_link(account)
    session.get_one(Link, (account.id, made.id)).created_at = datetime(2025, 12, 31, 23, 59, tzinfo=UTC)
    session.flush()
    monkeypatch.setattr(clock, "now", lambda: datetime(2026, 1, 15, tzinfo=UTC))
    months = statistics.count(session, account.id).months
    assert len(months) == statistics.MONTHS
    assert (months[0].first.isoformat(), months[-1].first.isoformat()) == ("2024-02-01", "2026-01-01")
    assert [month.links for month in months[-2:]] == [1, 0]


def test_sites_are_counted_without_www_and_the_trash_not_at_all(
    session: Session, account: Account, make_account: Callable[..., Account], make_link: Make
) -> None:
    for url in ("https://www.a.example/1", "http://a.example/2", "https://a.example:8080/"):
        make_link(account, url, tags=["t/u"])
    make_link(make_account(), "https://other.example/")
    trash.trash(session, account.id, make_link(account, tags=["gone"]).id, origin=Origin("test"))
    found = statistics.count(session, account.id)
    assert [(site.name, site.links) for site in found.sites] == [("a.example", 2), ("a.example:8080", 1)]
    assert [(tag.name, tag.below) for tag in found.tags] == [("t", 3), ("t/u", 3)]
    assert found.totals == statistics.Totals(links=3, unread=0, archived=0, shared=0, untagged=0)


def test_the_tags_used_most_come_first(session: Session, account: Account, make_link: Make) -> None:
    for number in range(3):
        make_link(account, tags=["a", "b", "c"][: number + 1])
    assert [tag.name for tag in tag_counts.most_used(session, account.id, limit=2)] == ["a", "b"]


def test_a_quoted_or_odd_word_completes_to_a_search_that_finds_it(
    session: Session, account: Account, make_link: Make
) -> None:
    make_link(account, tags=["Odd(tag)"])
    [found] = completion.complete(session, account.id, '#"odd')
    assert found == completion.Completion('#"odd(tag)"', "1")
    assert completion.complete_tag(session, account.id, "odd") == [completion.Completion("Odd(tag)", "1")]
    assert completion.complete(session, account.id, "is:unread") == []
    assert len(completion.complete(session, account.id, "")) <= completion.MOST
