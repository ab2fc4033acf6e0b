"""Undo: what came later by hand is not trampled, and told; and an undo can be undone."""

from __future__ import annotations

import pytest
from sqlalchemy.orm import Session

from conftest import ORIGIN
from linkhold.accounts.models import Account
from linkhold.errors import Conflict
from linkhold.links import bulk, history, tagging, trash, undoing
from linkhold.links.bulk import BulkEdit
from links.acts import Edit, Make, Undo, reasons

# --- what came later by hand ---


def test_a_renamed_tag_that_was_taken_off_by_hand_does_not_come_back_by_its_old_name(
    session: Session, account: Account, saved_link: Make, edit: Edit, undo: Undo
) -> None:
    link, other = saved_link(account, tags=["old", "x"]), saved_link(account, tags=["old"])
    done = tagging.rename(session, account.id, "old", "new", origin=ORIGIN)
    session.expire_all()
    edit(link, tags=["x"])
    undone = undo(done.batch_id)
    assert (link.tags, other.tags) == (["x"], ["old"])
    assert reasons(undone) == [(link.id, "It was changed since: tags.")]


def test_of_two_tags_that_were_renamed_the_one_that_was_left_alone_goes_back(
    session: Session, account: Account, saved_link: Make, edit: Edit, undo: Undo
) -> None:
    link = saved_link(account, tags=["old/a", "old/b"])
    done = tagging.rename(session, account.id, "old", "new", origin=ORIGIN)
    session.expire_all()
    edit(link, tags=["new/b"])
    undone = undo(done.batch_id)
    assert link.tags == ["old/b"]
    assert undone.left_count == 1


def test_tags_that_were_merged_go_back_together_or_not_at_all(
    session: Session, account: Account, saved_link: Make, edit: Edit, undo: Undo
) -> None:
    """Were only the merged tag taken away, the link would lose what it stood for."""
    link, other = saved_link(account, tags=["js", "ecma", "x"]), saved_link(account, tags=["js"])
    done = tagging.merge(session, account.id, ["js", "ecma"], "javascript", origin=ORIGIN)
    session.expire_all()
    edit(link, tags=["x", "javascript", "js"])
    undone = undo(done.batch_id)
    assert (link.tags, other.tags) == (["x", "javascript", "js"], ["js"])
    assert reasons(undone) == [(link.id, "It was changed since: tags.")]


def test_a_deleted_tag_that_was_put_on_and_taken_off_by_hand_stays_off(
    session: Session, account: Account, saved_link: Make, edit: Edit, undo: Undo
) -> None:
    link, other = saved_link(account, tags=["gone"]), saved_link(account, tags=["gone"])
    done = tagging.delete(session, account.id, "gone", origin=ORIGIN)
    session.expire_all()
    edit(link, tags=["gone"])
    edit(link, tags=[])
    undone = undo(done.batch_id)
    assert (link.tags, other.tags) == ([], ["gone"])
    assert reasons(undone) == [(link.id, "It was changed since: tags.")]


def test_a_tag_that_was_renamed_after_it_was_given_is_left_and_told(
    session: Session, account: Account, saved_link: Make
) -> None:
    link = saved_link(account)
    done = bulk.edit(session, account.id, [link.id], BulkEdit(add_tags=["t"]), origin=ORIGIN)
    tagging.rename(session, account.id, "t", "u", origin=ORIGIN)
    with pytest.raises(Conflict, match="changed since: tags"):
        undoing.undo_batch(session, account.id, done.batch_id, origin=ORIGIN)


def test_what_was_trashed_again_by_hand_stays_in_the_trash(
    session: Session, account: Account, saved_link: Make, undo: Undo
) -> None:
    link, other = saved_link(account), saved_link(account)
    done = bulk.trash(session, account.id, [link.id, other.id], origin=ORIGIN)
    session.expire_all()
    trash.restore(session, account.id, link.id, origin=ORIGIN)
    trash.trash(session, account.id, link.id, origin=ORIGIN)
    undone = undo(done.batch_id)
    assert link.trashed_at is not None
    assert other.trashed_at is None
    assert reasons(undone) == [(link.id, "It was changed since: trash.")]


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"url": "https://new.example/"}, "url"),
        ({"tags": ["t"]}, "tags"),
        ({"title": "T", "unread": True}, "title, unread"),
    ],
)
def test_the_addition_of_a_link_that_was_edited_by_hand_is_not_undone(
    session: Session, account: Account, saved_link: Make, edit: Edit, fields: dict[str, object], said: str
) -> None:
    link = saved_link(account)
    added = history.latest(session, account.id, link.id).id
    edit(link, **fields)
    with pytest.raises(Conflict, match=f"changed since: {said}\\."):
        undoing.undo_change(session, account.id, link.id, added, origin=ORIGIN)
    assert link.trashed_at is None


def test_a_value_that_was_given_back_by_hand_is_what_somebody_wants(
    session: Session, account: Account, saved_link: Make, edit: Edit
) -> None:
    link = saved_link(account, title="A")
    first = edit(link, title="B")
    edit(link, title="C")
    edit(link, title="B")
    with pytest.raises(Conflict, match="changed since: title"):
        undoing.undo_change(session, account.id, link.id, first, origin=ORIGIN)
    assert link.title == "B"


# --- undo upon undo ---


def test_changes_are_undone_one_after_another_from_the_last_to_the_first(
    session: Session, account: Account, saved_link: Make, edit: Edit
) -> None:
    link = saved_link(account, title="A", tags=["a"])
    made = [edit(link, title=title, tags=["a", title]) for title in ("B", "C", "D")]
    for change, title in zip(reversed(made), ("C", "B", "A"), strict=True):
        assert not undoing.undo_change(session, account.id, link.id, change, origin=ORIGIN).left
        session.expire_all()
        assert link.title == title
    assert link.tags == ["a"]


def test_what_was_undone_and_done_again_can_be_undone_once_more(
    session: Session, account: Account, saved_link: Make, undo: Undo
) -> None:
    link = saved_link(account, tags=["x"])
    done = bulk.edit(session, account.id, [link.id], BulkEdit(add_tags=["t"], unread=True), origin=ORIGIN)
    undone = undo(done.batch_id)
    undo(undone.done.batch_id)
    assert (link.tags, link.unread) == (["x", "t"], True)
    assert undo(done.batch_id).left == []
    assert (link.tags, link.unread) == (["x"], False)
