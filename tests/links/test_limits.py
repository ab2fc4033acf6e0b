"""Limits: they hold for what is sent, and never for what a link has already."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest
from sqlalchemy.orm import Session

from conftest import ORIGIN
from linkhold.accounts.models import Account
from linkhold.config import Settings
from linkhold.errors import LimitExceeded
from linkhold.links import bulk, duplicates, editing, indexing, language, saving, search
from linkhold.links.bulk import BulkEdit
from linkhold.links.derived import Content
from linkhold.links.drafting import LIMITS, Drafting
from linkhold.links.estimating import Statistics
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


@pytest.mark.parametrize("script", [0x10400, 0x20000], ids=["letters", "ideographs"])
def test_what_is_within_the_limits_is_kept_and_found(
    session: Session, account: Account, saved_link: Make, script: int
) -> None:
    """As much as a link can hold, in characters of four bytes: PostgreSQL's own limits are not met."""
    numbers = iter(range(10**6))

    def word() -> str:
        number = next(numbers)
        return "".join(chr(script + 0x28 + (number >> shift) % 32) for shift in range(0, 75, 5))

    names = ["/".join(word() for _ in range(16)) for _ in range(LIMITS.tags)]
    notes = " ".join(word() for _ in range(LIMITS.notes // 16))
    link = saved_link(account, title="needle", tags=names, notes=notes)
    for typed in ("needle", f'#"{names[0]}"', f"#{names[0].partition('/')[0]}", "is:tagged"):
        found = search.find(session, account.id, language.parse(typed), limit=9, statistics=Statistics())
        assert [each.id for each in found.links] == [link.id], typed


def test_more_tags_than_have_room_in_the_index_leave_room_for_words() -> None:
    """A server may allow that many, and merging keeps all there are."""
    names = [f"{chr(0x10428 + number % 32) * 40}{number}/{'y' * 200}" for number in range(8000)]
    vector = indexing.vector(1, Content("https://a.example/", title="needle", tags=names))
    assert "'needle':1A" in vector
    assert indexing.quoted(indexing.site_mark("example")) in vector
    assert len(vector.encode()) < 1_200_000


def test_the_longest_tag_that_a_server_may_allow_fits_into_its_key(
    session: Session, account: Account
) -> None:
    (longest,) = (each.le for each in Settings.model_fields["max_tag_length"].metadata if hasattr(each, "le"))
    generous = Drafting(replace(LIMITS, tag=longest))
    # By chance, because what repeats itself would be compressed.
    chance = random.Random(1)
    name = "".join(map(chr, chance.choices(range(0x20000, 0x2A000), k=longest)))
    draft = generous.draft("https://a.example/", tags=[name])
    assert saving.save(session, account.id, draft, origin=ORIGIN).link.tags == [name]
