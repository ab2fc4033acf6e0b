"""Words that meet a link which another save adds at the same moment, over a connection of its own."""

from __future__ import annotations

from typing import Any

import pytest

from conftest import ORIGIN, add_account, add_link
from linkhold.accounts.models import Account
from linkhold.links import inbox, saving, sharing
from linkhold.links.models import Link
from linkhold.links.shares import Share
from linkhold.runtime import Runtime

URL = "https://a.example/"


@pytest.fixture
def account(own_runtime: Runtime, monkeypatch: pytest.MonkeyPatch) -> Account:
    """An account to which the first save is overtaken by another, of a link with a title and notes."""
    account, save, overtaking = add_account(own_runtime), saving.save, iter([{"title": "Mine", "notes": "N"}])

    def overtaken(*given: Any, **named: Any) -> Any:
        for fields in overtaking:
            add_link(own_runtime, account, URL, **fields)
        return save(*given, **named)

    monkeypatch.setattr(saving, "save", overtaken)
    return account


def only_link(runtime: Runtime, account: Account) -> Link:
    with runtime.reading() as session:
        return session.query(Link).filter_by(owner_id=account.id).one()


def test_a_share_leaves_the_title_of_a_link_that_was_saved_meanwhile(
    own_runtime: Runtime, account: Account
) -> None:
    with own_runtime.transaction() as session:
        sent = Share(url=URL, title="Theirs", notes="read this", tags=["t"])
        shared = sharing.share(session, account.id, sent, drafting=own_runtime.drafting, origin=ORIGIN)
    (link,) = shared.links
    assert (link.saved.created, link.changed, link.words_added, link.tags_united) == (False, True, True, True)
    kept = only_link(own_runtime, account)
    assert (kept.title, kept.notes, kept.tags) == ("Mine", "N\n\nTheirs\n\nread this", ["t"])


def test_a_text_of_the_inbox_leaves_it_too(own_runtime: Runtime, account: Account) -> None:
    with own_runtime.transaction() as session:
        item = inbox.keep(session, account.id, "some words", origin=ORIGIN)
        inbox.make_link(session, account.id, item.id, URL, drafting=own_runtime.drafting, origin=ORIGIN)
    kept = only_link(own_runtime, account)
    assert (kept.title, kept.notes) == ("Mine", "N\n\nsome words")
