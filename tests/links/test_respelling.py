"""How tags are written that an undo gives back, when the library writes them in another way by now."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from conftest import NUMBERS, ORIGIN
from linkhold import clock
from linkhold.accounts.models import Account
from linkhold.links import bulk, saving, tag_counts, tagging, undoing
from linkhold.links.bulk import BulkEdit
from linkhold.links.drafting import Drafting
from linkhold.links.models import Link

Make = Callable[..., int]


@pytest.fixture
def save(session: Session, account: Account) -> Make:
    """Save a link with tags; returns its id."""

    def make(*names: str) -> int:
        draft = Drafting().draft(f"https://example.com/{next(NUMBERS)}", tags=names)
        return saving.save(session, account.id, draft, origin=ORIGIN).link.id

    return make


def written(session: Session, account: Account) -> list[list[str]]:
    """Return the tags of all links, the oldest first; the library writes each in the same way."""
    session.expire_all()
    found = [
        link.tags for link in session.scalars(select(Link).filter_by(owner_id=account.id).order_by("id"))
    ]
    names = {tag for each in found for tag in each}
    assert {tag.name for tag in tag_counts.every(session, account.id) if tag.links} == names
    return found


def test_what_an_undo_gives_back_is_written_as_it_was_renamed_since(
    session: Session, account: Account, save: Make
) -> None:
    link, _other = save("JS", "x"), save("JS", "JS/Node")
    removed = bulk.edit(session, account.id, [link], BulkEdit(remove_tags=["js"]), origin=ORIGIN)
    tagging.rename(session, account.id, "JS", "js", origin=ORIGIN)
    undone = undoing.undo_batch(session, account.id, removed.batch_id, origin=ORIGIN)
    assert undone.done.links == 1
    assert written(session, account) == [["js", "x"], ["js", "js/Node"]]


def test_below_a_tag_that_was_renamed_since_a_tag_comes_back_by_its_own_name(
    session: Session, account: Account, save: Make
) -> None:
    link, _other = save("py/Flask"), save("py")
    removed = bulk.edit(session, account.id, [link], BulkEdit(remove_tags=["py/Flask"]), origin=ORIGIN)
    tagging.rename(session, account.id, "py", "PY", origin=ORIGIN)
    undoing.undo_batch(session, account.id, removed.batch_id, origin=ORIGIN)
    assert written(session, account) == [["PY/Flask"], ["PY"]]


def test_a_rename_that_is_undone_with_the_removal_takes_its_spelling_along(
    session: Session, account: Account, save: Make
) -> None:
    """And so does the undo of that undo, though the link that tells of it never had the other spelling."""
    link, _other = save("py/Flask"), save("py")
    moment = clock.now()
    bulk.edit(session, account.id, [link], BulkEdit(remove_tags=["py/Flask"]), origin=ORIGIN)
    tagging.rename(session, account.id, "py", "PY", origin=ORIGIN)
    undone = undoing.undo_since(session, account.id, moment, origin=ORIGIN)
    assert written(session, account) == [["py/Flask"], ["py"]]
    undoing.undo_batch(session, account.id, undone.done.batch_id, origin=ORIGIN)
    assert written(session, account) == [[], ["PY"]]
