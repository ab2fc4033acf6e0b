"""Tags renamed, merged and deleted over a library: what each link has afterwards, and how it is written."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from conftest import ORIGIN
from linkhold.accounts.models import Account
from linkhold.errors import Conflict, LimitExceeded
from linkhold.links import tag_counts, tagging, trash, undoing
from linkhold.links.models import Link
from links.acts import Make


@pytest.fixture
def on_links(session: Session, account: Account) -> Callable[[], set[str]]:
    """Return all tags as links have them; they must be written so in the list of tags too."""

    def read() -> set[str]:
        session.expire_all()
        links = session.scalars(select(Link).where(Link.owner_id == account.id)).all()
        listed = {tag.name for tag in tag_counts.every(session, account.id) if tag.links}
        assert listed == {tag for link in links if not link.trashed_at for tag in link.tags}
        return {tag for link in links for tag in link.tags}

    return read


OnLinks = Callable[[], set[str]]


def test_a_tag_and_one_below_it_are_both_what_they_were_named_to_become(
    session: Session, account: Account, saved_link: Make, on_links: OnLinks
) -> None:
    saved_link(account, tags=["ma", "x"])
    link = saved_link(account, tags=["ma/b", "ma/c"])
    tagging.merge(session, account.id, ["ma", "ma/b"], "mc", origin=ORIGIN)
    assert on_links() == {"mc", "mc/c", "x"}
    assert link.tags == ["mc", "mc/c"]


# --- spelling ---


def test_a_new_name_is_written_as_it_was_given_though_the_library_once_had_it_otherwise(
    session: Session, account: Account, saved_link: Make, on_links: OnLinks
) -> None:
    saved_link(account, tags=["Pyth/Sub"])
    tagging.delete(session, account.id, "pyth", origin=ORIGIN)
    saved_link(account, tags=["py"])
    tagging.rename(session, account.id, "py", "pyth", origin=ORIGIN)
    saved_link(account, tags=["PYTH", "PYTH/sub"])
    assert on_links() == {"pyth", "pyth/Sub"}


def test_a_name_is_respelled_with_all_below_it_and_what_is_above_stays(
    session: Session, account: Account, saved_link: Make, on_links: OnLinks
) -> None:
    saved_link(account, tags=["r/one/Sub", "r/two"])
    tagging.rename(session, account.id, "r/one", "R/One", origin=ORIGIN)
    saved_link(account, tags=["R/ONE/SUB/x"])
    assert on_links() == {"r/One/Sub", "r/two", "r/One/Sub/x"}


def test_merging_into_a_tag_in_use_leaves_its_spelling(
    session: Session, account: Account, saved_link: Make, on_links: OnLinks
) -> None:
    saved_link(account, tags=["JavaScript"])
    saved_link(account, tags=["js"])
    tagging.merge(session, account.id, ["js"], "javascript", origin=ORIGIN)
    assert on_links() == {"JavaScript"}


def test_what_comes_to_stand_below_one_tag_from_two_is_written_alike(
    session: Session, account: Account, saved_link: Make, on_links: OnLinks
) -> None:
    saved_link(account, tags=["x/E"])
    link = saved_link(account, tags=["y/e", "y/E/f"])
    tagging.merge(session, account.id, ["x", "y"], "z", origin=ORIGIN)
    assert on_links() == {"z/E", "z/E/f"}
    assert link.tags == ["z/E", "z/E/f"]


def test_what_comes_to_stand_below_a_tag_in_use_is_written_as_what_is_there(
    session: Session, account: Account, saved_link: Make, on_links: OnLinks
) -> None:
    saved_link(account, tags=["c/E"])
    saved_link(account, tags=["c/d/e"])
    tagging.merge(session, account.id, ["c/d"], "c", origin=ORIGIN)
    assert on_links() == {"c/E"}


# --- the trash ---


def test_a_name_that_only_the_trash_has_can_be_taken_and_undone(
    session: Session, account: Account, saved_link: Make, on_links: OnLinks
) -> None:
    thrown, link = saved_link(account, tags=["IT2"]), saved_link(account, tags=["it1"])
    trash.trash(session, account.id, thrown.id, origin=ORIGIN)
    done = tagging.rename(session, account.id, "it1", "it2", origin=ORIGIN)
    assert on_links() == {"it2"}
    undoing.undo_batch(session, account.id, done.batch_id, origin=ORIGIN)
    session.expire_all()
    assert (thrown.tags, link.tags) == (["IT2"], ["it1"])


def test_a_name_that_is_in_use_is_refused(session: Session, account: Account, saved_link: Make) -> None:
    saved_link(account, tags=["a", "b/c"])
    with pytest.raises(Conflict, match="There is a tag B already"):
        tagging.rename(session, account.id, "a", "B", origin=ORIGIN)


# --- limits ---


def test_a_rename_that_would_make_a_tag_too_deep_or_too_long_is_refused_whole(
    session: Session, account: Account, saved_link: Make
) -> None:
    link = saved_link(account, tags=["q/1/2/3", "w"])
    deep = "/".join("k" * 14)
    with pytest.raises(LimitExceeded, match="at most 16 parts"):
        tagging.rename(session, account.id, "q", deep, origin=ORIGIN)
    with pytest.raises(LimitExceeded, match="longer than 10"):
        tagging.rename(session, account.id, "q", "k" * 9, origin=ORIGIN, longest=10)
    with pytest.raises(LimitExceeded, match="at most 16 parts"):
        tagging.merge(session, account.id, ["q", "w"], deep, origin=ORIGIN)
    session.refresh(link)
    assert link.tags == ["q/1/2/3", "w"]


@pytest.mark.parametrize(
    ("tag", "renamed"),
    [("js", "ts"), ("JS/React", "ts/React"), ("jsx", "jsx"), ("a/js", "a/js")],
)
def test_a_tag_is_renamed_with_those_below_it(tag: str, renamed: str) -> None:
    assert tagging._renamed(tag, {"js": "ts"}) == renamed
