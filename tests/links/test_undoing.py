"""Undo: what came later by hand is not trampled, and told; what was destroyed is refused."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from conftest import NUMBERS, ORIGIN
from linkhold import clock
from linkhold.accounts.models import Account
from linkhold.errors import Conflict
from linkhold.links import bulk, editing, history, saving, tag_counts, tagging, trash, undoing
from linkhold.links.bulk import BulkEdit
from linkhold.links.drafting import Drafting
from linkhold.links.models import Link
from linkhold.links.undoing import DESTROYED, TAKEN, Undone

Make = Callable[..., Link]
DRAFTING = Drafting()


@pytest.fixture
def make_link(session: Session) -> Make:
    """Save a link in the session of the test, so that it can be read again."""

    def make(account: Account, url: str | None = None, **fields: Any) -> Link:
        draft = DRAFTING.draft(url or f"https://example.com/{next(NUMBERS)}", **fields)
        link = saving.save(session, account.id, draft, origin=ORIGIN).link
        return session.get_one(Link, (account.id, link.id))

    return make


@pytest.fixture
def edit(session: Session, account: Account) -> Callable[..., int]:
    """Edit a link by hand; returns the change."""

    def change(link: Link, **fields: object) -> int:
        editing.edit(session, account.id, link.id, DRAFTING.edit(**fields), origin=ORIGIN)  # type: ignore[arg-type]
        return history.latest(session, account.id, link.id).id

    return change


Edit = Callable[..., int]


@pytest.fixture
def undo(session: Session, account: Account) -> Callable[[int], Undone]:
    """Undo a batch."""

    def act(batch: int) -> Undone:
        undone = undoing.undo_batch(session, account.id, batch, origin=ORIGIN)
        session.expire_all()
        return undone

    return act


Undo = Callable[[int], Undone]


def reasons(undone: Undone) -> list[tuple[int, str]]:
    return [(each.link_id, each.reason) for each in undone.left]


# --- what came later by hand ---


def test_a_renamed_tag_that_was_taken_off_by_hand_does_not_come_back_by_its_old_name(
    session: Session, account: Account, make_link: Make, edit: Edit, undo: Undo
) -> None:
    link, other = make_link(account, tags=["old", "x"]), make_link(account, tags=["old"])
    done = tagging.rename(session, account.id, "old", "new", origin=ORIGIN)
    session.expire_all()
    edit(link, tags=["x"])
    undone = undo(done.batch_id)
    assert (link.tags, other.tags) == (["x"], ["old"])
    assert reasons(undone) == [(link.id, "It was changed since: tags.")]


def test_of_two_tags_that_were_renamed_the_one_that_was_left_alone_goes_back(
    session: Session, account: Account, make_link: Make, edit: Edit, undo: Undo
) -> None:
    link = make_link(account, tags=["old/a", "old/b"])
    done = tagging.rename(session, account.id, "old", "new", origin=ORIGIN)
    session.expire_all()
    edit(link, tags=["new/b"])
    undone = undo(done.batch_id)
    assert link.tags == ["old/b"]
    assert undone.left_count == 1


def test_tags_that_were_merged_go_back_together_or_not_at_all(
    session: Session, account: Account, make_link: Make, edit: Edit, undo: Undo
) -> None:
    """Were only the merged tag taken away, the link would lose what it stood for."""
    link, other = make_link(account, tags=["js", "ecma", "x"]), make_link(account, tags=["js"])
    done = tagging.merge(session, account.id, ["js", "ecma"], "javascript", origin=ORIGIN)
    session.expire_all()
    edit(link, tags=["x", "javascript", "js"])
    undone = undo(done.batch_id)
    assert (link.tags, other.tags) == (["x", "javascript", "js"], ["js"])
    assert reasons(undone) == [(link.id, "It was changed since: tags.")]


def test_a_deleted_tag_that_was_put_on_and_taken_off_by_hand_stays_off(
    session: Session, account: Account, make_link: Make, edit: Edit, undo: Undo
) -> None:
    link, other = make_link(account, tags=["gone"]), make_link(account, tags=["gone"])
    done = tagging.delete(session, account.id, "gone", origin=ORIGIN)
    session.expire_all()
    edit(link, tags=["gone"])
    edit(link, tags=[])
    undone = undo(done.batch_id)
    assert (link.tags, other.tags) == ([], ["gone"])
    assert reasons(undone) == [(link.id, "It was changed since: tags.")]


def test_a_tag_that_was_renamed_after_it_was_given_is_left_and_told(
    session: Session, account: Account, make_link: Make
) -> None:
    link = make_link(account)
    done = bulk.edit(session, account.id, [link.id], BulkEdit(add_tags=["t"]), origin=ORIGIN)
    tagging.rename(session, account.id, "t", "u", origin=ORIGIN)
    with pytest.raises(Conflict, match="changed since: tags"):
        undoing.undo_batch(session, account.id, done.batch_id, origin=ORIGIN)


def test_what_was_trashed_again_by_hand_stays_in_the_trash(
    session: Session, account: Account, make_link: Make, undo: Undo
) -> None:
    link, other = make_link(account), make_link(account)
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
    session: Session, account: Account, make_link: Make, edit: Edit, fields: dict[str, object], said: str
) -> None:
    link = make_link(account)
    added = history.latest(session, account.id, link.id).id
    edit(link, **fields)
    with pytest.raises(Conflict, match=f"changed since: {said}\\."):
        undoing.undo_change(session, account.id, link.id, added, origin=ORIGIN)
    assert link.trashed_at is None


def test_a_value_that_was_given_back_by_hand_is_what_somebody_wants(
    session: Session, account: Account, make_link: Make, edit: Edit
) -> None:
    link = make_link(account, title="A")
    first = edit(link, title="B")
    edit(link, title="C")
    edit(link, title="B")
    with pytest.raises(Conflict, match="changed since: title"):
        undoing.undo_change(session, account.id, link.id, first, origin=ORIGIN)
    assert link.title == "B"


# --- undo upon undo ---


def test_changes_are_undone_one_after_another_from_the_last_to_the_first(
    session: Session, account: Account, make_link: Make, edit: Edit
) -> None:
    link = make_link(account, title="A", tags=["a"])
    made = [edit(link, title=title, tags=["a", title]) for title in ("B", "C", "D")]
    for change, title in zip(reversed(made), ("C", "B", "A"), strict=True):
        assert not undoing.undo_change(session, account.id, link.id, change, origin=ORIGIN).left
        session.expire_all()
        assert link.title == title
    assert link.tags == ["a"]


def test_what_was_undone_and_done_again_can_be_undone_once_more(
    session: Session, account: Account, make_link: Make, undo: Undo
) -> None:
    link = make_link(account, tags=["x"])
    done = bulk.edit(session, account.id, [link.id], BulkEdit(add_tags=["t"], unread=True), origin=ORIGIN)
    undone = undo(done.batch_id)
    undo(undone.done.batch_id)
    assert (link.tags, link.unread) == (["x", "t"], True)
    assert undo(done.batch_id).left == []
    assert (link.tags, link.unread) == (["x"], False)


# --- what was destroyed ---


def test_the_end_of_a_link_cannot_be_undone_by_any_way(
    session: Session, account: Account, make_link: Make
) -> None:
    link = make_link(account)
    trash.trash(session, account.id, link.id, origin=ORIGIN)
    moment = clock.now()
    trash.empty(session, account.id)
    session.expunge_all()
    end = history.latest(session, account.id, link.id).id
    with pytest.raises(Conflict, match=DESTROYED):
        undoing.undo_change(session, account.id, link.id, end, origin=ORIGIN)
    with pytest.raises(Conflict, match=DESTROYED):
        undoing.undo_since(session, account.id, moment, origin=ORIGIN)


def test_what_can_be_undone_beside_what_was_destroyed_is_undone(
    session: Session, account: Account, make_link: Make, edit: Edit
) -> None:
    gone, link = make_link(account), make_link(account, title="A")
    moment = clock.now()
    edit(link, title="B")
    trash.trash(session, account.id, gone.id, origin=ORIGIN)
    trash.empty(session, account.id)
    undone = undoing.undo_since(session, account.id, moment, origin=ORIGIN)
    assert reasons(undone) == [(gone.id, DESTROYED)]
    session.refresh(link)
    assert link.title == "A"


# --- URLs ---


def test_everything_is_undone_though_the_url_was_taken_meanwhile(
    session: Session, account: Account, make_link: Make, edit: Edit, undo: Undo
) -> None:
    """The link that has it is undone too: it gives way, and comes back when the undo is undone."""
    first = make_link(account, "https://a.example/")
    moment = clock.now()
    edit(first, url="https://b.example/")
    second = make_link(account, "https://a.example/", title="second")
    undone = undoing.undo_since(session, account.id, moment, origin=ORIGIN)
    session.expire_all()
    assert undone.left == []
    assert (first.url, first.identity) == ("https://a.example/", "https://a.example/")
    assert second.trashed_at is not None
    saved = saving.save(session, account.id, DRAFTING.draft("https://a.example/"), origin=ORIGIN)
    assert saved.link.id == first.id
    assert undo(undone.done.batch_id).left == []
    assert (first.identity, second.identity) == ("https://b.example/", "https://a.example/")
    assert second.trashed_at is None


def test_a_link_that_gave_way_comes_out_of_the_trash_once_its_url_is_free(
    session: Session, account: Account, make_link: Make, edit: Edit
) -> None:
    first = make_link(account, "https://a.example/")
    moment = clock.now()
    edit(first, url="https://b.example/")
    second = make_link(account, "https://a.example/")
    undoing.undo_since(session, account.id, moment, origin=ORIGIN)
    session.expire_all()
    with pytest.raises(Conflict, match=f"Link {first.id} of your library has this URL"):
        trash.restore(session, account.id, second.id, origin=ORIGIN)
    assert bulk.restore(session, account.id, [second.id], origin=ORIGIN).links == 0
    edit(first, url="https://c.example/")
    assert bulk.restore(session, account.id, [second.id], origin=ORIGIN).links == 1
    session.expire_all()
    assert (second.identity, second.trashed_at) == ("https://a.example/", None)


def test_a_link_that_gave_way_is_not_brought_back_without_a_url_of_its_own(
    session: Session, account: Account, make_link: Make, edit: Edit
) -> None:
    first = make_link(account, "https://a.example/")
    moment = clock.now()
    edit(first, url="https://b.example/")
    second = make_link(account, "https://a.example/")
    undoing.undo_since(session, account.id, moment, origin=ORIGIN)
    last = history.latest(session, account.id, second.id).id
    with pytest.raises(Conflict, match=TAKEN):
        undoing.undo_change(session, account.id, second.id, last, origin=ORIGIN)
    session.refresh(second)
    assert second.trashed_at is not None


def test_urls_that_were_swapped_are_swapped_back(
    session: Session, account: Account, make_link: Make, edit: Edit
) -> None:
    one, other = make_link(account, "https://a.example/"), make_link(account, "https://b.example/")
    moment = clock.now()
    edit(one, url="https://c.example/")
    edit(other, url="https://a.example/")
    edit(one, url="https://b.example/")
    assert undoing.undo_since(session, account.id, moment, origin=ORIGIN).left == []
    session.expire_all()
    assert (one.identity, other.identity) == ("https://a.example/", "https://b.example/")


def test_a_url_of_a_link_that_stays_is_not_taken_from_it(
    session: Session, account: Account, make_link: Make, edit: Edit
) -> None:
    link = make_link(account, "https://a.example/")
    change = edit(link, url="https://b.example/")
    make_link(account, "https://a.example/")
    with pytest.raises(Conflict, match=TAKEN):
        undoing.undo_change(session, account.id, link.id, change, origin=ORIGIN)


# --- spelling ---


def spelled(session: Session, account: Account) -> tuple[set[str], set[str]]:
    """Return the tags as links have them, and as the library has those that are in use."""
    session.expire_all()
    links = session.scalars(select(Link).where(Link.owner_id == account.id))
    return {tag for link in links for tag in link.tags}, {
        tag.name for tag in tag_counts.every(session, account.id) if tag.links
    }


def test_an_undone_rename_takes_the_spelling_back_everywhere(
    session: Session, account: Account, make_link: Make, undo: Undo
) -> None:
    make_link(account, tags=["rr/Sub"])
    done = tagging.rename(session, account.id, "rr", "RR", origin=ORIGIN)
    make_link(account, tags=["rr/new"])
    undo(done.batch_id)
    make_link(account, tags=["RR/newer"])
    wanted = {"rr/Sub", "rr/new", "rr/newer"}
    assert spelled(session, account) == (wanted, wanted)


def test_a_long_undo_keeps_what_each_link_had(
    session: Session, account: Account, make_link: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Across the borders of what is written at once."""
    monkeypatch.setattr(undoing, "BATCH", 3)
    links = [make_link(account, f"https://a.example/{number}", title=f"{number}") for number in range(8)]
    moment = clock.now() + timedelta(microseconds=1)
    for number, link in enumerate([*links, links[0]]):
        sent = DRAFTING.edit(url=f"https://b.example/{number}" if number < 8 else "https://a.example/7")
        editing.edit(session, account.id, link.id, sent, origin=ORIGIN)
    assert undoing.undo_since(session, account.id, moment, origin=ORIGIN).left == []
    session.expire_all()
    assert [link.identity for link in links] == [f"https://a.example/{number}" for number in range(8)]
