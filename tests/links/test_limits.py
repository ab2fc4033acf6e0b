"""Limits: they hold for what is sent, and never for what a link has already."""

from __future__ import annotations

import pytest
from sqlalchemy.orm import Session

from conftest import ORIGIN
from linkhold.accounts.models import Account
from linkhold.errors import LimitExceeded
from linkhold.links import bulk, duplicates, editing, saving
from linkhold.links.bulk import BulkEdit
from linkhold.links.drafting import LIMITS
from links.acts import DRAFTING, Make


def test_a_bulk_edit_that_would_give_a_link_too_many_tags_names_it_and_changes_none(
    session: Session, account: Account, saved_link: Make
) -> None:
    link, full = saved_link(account), saved_link(account, tags=["a", "b"])
    wanted = BulkEdit(add_tags=["c"], most_tags=2)
    with pytest.raises(LimitExceeded, match=f"Link {full.id} would have 3 tags"):
        bulk.edit(session, account.id, [link.id, full.id], wanted, origin=ORIGIN)
    session.refresh(link)
    assert link.tags == []
    fewer = BulkEdit(remove_tags=["a"], add_tags=["b"], most_tags=1)
    assert bulk.edit(session, account.id, [full.id], fewer, origin=ORIGIN).links == 1


def test_merging_loses_no_tag_and_what_it_made_can_be_sent_back(
    session: Session, account: Account, saved_link: Make
) -> None:
    """Whatever the limit: a save of a known link and near-duplicates that become one keep all tags."""
    half = LIMITS.tags // 2 + 1
    first = saved_link(account, "https://a.example/", tags=[f"a{number}" for number in range(half)])
    draft = DRAFTING.draft("https://a.example/", tags=[f"b{number}" for number in range(half)])
    saving.save(session, account.id, draft, origin=ORIGIN)
    other = saved_link(account, "http://a.example/", tags=["c"], notes="N" * LIMITS.notes)
    editing.edit(session, account.id, first.id, DRAFTING.edit(notes="M"), origin=ORIGIN)
    duplicates.merge(session, account.id, first.id, [other.id], origin=ORIGIN)
    session.refresh(first)
    assert len(first.tags) == 2 * half + 1
    same = DRAFTING.edit(tags=first.tags, notes=first.notes, title="T")
    assert editing.edit(session, account.id, first.id, same, origin=ORIGIN).title == "T"
    fewer = DRAFTING.edit(tags=first.tags[1:])
    assert len(editing.edit(session, account.id, first.id, fewer, origin=ORIGIN).tags) == 2 * half
    more = DRAFTING.edit(tags=[*first.tags, "d"])
    with pytest.raises(LimitExceeded, match="at most 256 tags"):
        editing.edit(session, account.id, first.id, more, origin=ORIGIN)
