"""While many links are changed, saves of others go on: they wait for no tag that is being written."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from sqlalchemy import Row
from sqlalchemy.orm import Session

from conftest import ORIGIN, add_account, add_link
from linkhold.accounts.models import Account
from linkhold.links import bulk, changes, saving, tag_counts, tagging, trash, undoing
from linkhold.links.bulk import BulkEdit
from linkhold.runtime import Runtime


@pytest.fixture
def account(own_runtime: Runtime) -> Account:
    return add_account(own_runtime)


@pytest.fixture
def saved(own_runtime: Runtime, account: Account, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Let a save of another link, tagged `NEW`, come in over another connection before the last link."""
    locked, made = bulk.locked, list[str]()

    def walk(*asked: Any) -> Iterator[Row[Any]]:
        *first, last = locked(*asked)
        yield from first
        draft = own_runtime.drafting.draft(f"https://other.example/{len(made)}", tags=["NEW"])
        with own_runtime.transaction() as session:
            saving.save(session, account.id, draft, origin=ORIGIN)
        made.append(draft.url)
        yield last

    monkeypatch.setattr(bulk, "locked", walk)
    monkeypatch.setattr(changes, "BATCH", 1)
    return made


def edit(session: Session, owner: int, ids: list[int]) -> None:
    bulk.edit(session, owner, ids, BulkEdit(add_tags=["new"]), origin=ORIGIN)


def rename(session: Session, owner: int, _: list[int]) -> None:
    tagging.rename(session, owner, "old", "New", origin=ORIGIN)


@pytest.mark.parametrize("act", [edit, rename])
@pytest.mark.parametrize("known", [False, True], ids=["an unknown tag", "a tag of the trash"])
def test_a_save_with_the_tag_of_a_bulk_edit_does_not_wait_for_it(
    own_runtime: Runtime,
    account: Account,
    saved: list[str],
    act: Callable[[Session, int, list[int]], None],
    known: bool,
) -> None:
    ids = [add_link(own_runtime, account, tags=["old"]).id for _ in range(3)]
    if known:
        thrown = add_link(own_runtime, account, tags=["new"]).id
        with own_runtime.transaction() as session:
            trash.trash(session, account.id, thrown, origin=ORIGIN)
    with own_runtime.transaction() as session:
        act(session, account.id, ids)
    assert saved
    with own_runtime.reading() as session:
        counted = {tag.name.lower(): tag.links for tag in tag_counts.every(session, account.id)}
    assert counted["new"] == len(ids) + len(saved)


def test_a_save_with_a_tag_that_an_undo_spells_anew_does_not_wait_for_it(
    own_runtime: Runtime, account: Account, request: pytest.FixtureRequest
) -> None:
    for _ in range(3):
        add_link(own_runtime, account, tags=["new"])
    with own_runtime.transaction() as session:
        batch = tagging.rename(session, account.id, "new", "New", origin=ORIGIN).batch_id
    for _ in range(3):
        add_link(own_runtime, account, tags=["new"])
    saved = request.getfixturevalue("saved")
    with own_runtime.transaction() as session:
        undoing.undo_batch(session, account.id, batch, origin=ORIGIN)
    assert saved
    with own_runtime.reading() as session:
        assert [tag.name for tag in tag_counts.every(session, account.id)] == ["new"]
