"""A newer rule of identity is applied to old links: nothing is lost, and it can be undone."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from conftest import ORIGIN
from linkhold.accounts.models import Account
from linkhold.errors import Conflict
from linkhold.links import identities, saving, trash, undoing
from linkhold.links.changes import Origin
from linkhold.links.drafting import Drafting
from linkhold.links.identity import VERSION, Identity
from linkhold.links.models import Link

COMMAND = Origin("command")
NEXT = VERSION + 1


def rule(url: str) -> Identity:
    """Return what a rule might say for which http and https are one."""
    return Identity(url.lower().replace("http://", "https://"), NEXT)


def library(session: Session, account: Account) -> dict[str, tuple[str, bool]]:
    session.expire_all()
    links = session.scalars(select(Link).where(Link.owner_id == account.id))
    return {link.url: (link.identity, link.trashed_at is not None) for link in links}


def test_identities_are_computed_anew_and_what_becomes_one_is_merged(
    session: Session, account: Account, make_link: Callable[..., Link]
) -> None:
    first = make_link(account, "http://a.example/", title="A", tags=["x"])
    make_link(account, "https://a.example/", notes="N", tags=["y"])
    make_link(account, "http://b.example/")
    before = library(session, account)
    done = identities.recompute(session, account.id, origin=COMMAND, rule=rule, version=NEXT)
    assert library(session, account) == {
        # The one that had the identity already keeps it; the other goes to the trash as it was.
        "http://a.example/": ("http://a.example/", True),
        "https://a.example/": ("https://a.example/", False),
        "http://b.example/": ("https://b.example/", False),
    }
    kept = session.scalars(select(Link).where(Link.url == "https://a.example/")).one()
    assert (kept.title, kept.notes, kept.tags) == ("A", "N", ["y", "x"])
    undone = undoing.undo_batch(session, account.id, done.batch_id, origin=COMMAND)
    assert undone.left == []
    assert library(session, account) == before
    assert session.get_one(Link, (account.id, first.id)).identity_version == VERSION


def test_doing_it_again_changes_nothing(
    session: Session, account: Account, make_link: Callable[..., Link]
) -> None:
    make_link(account, "http://a.example/")
    assert identities.recompute(session, account.id, origin=COMMAND, rule=rule, version=NEXT).links == 1
    assert identities.recompute(session, account.id, origin=COMMAND, rule=rule, version=NEXT).links == 0
    assert identities.recompute(session, account.id, origin=COMMAND).links == 0


def test_two_old_links_that_become_one_keep_the_older(
    session: Session, account: Account, make_link: Callable[..., Link]
) -> None:
    make_link(account, "http://a.example/X", title="first")
    make_link(account, "http://a.example/x", title="second")
    identities.recompute(session, account.id, origin=COMMAND, rule=rule, version=NEXT)
    assert library(session, account) == {
        "http://a.example/X": ("https://a.example/x", False),
        "http://a.example/x": ("http://a.example/x", True),
    }


def test_a_link_in_the_trash_that_has_the_identity_takes_it_all_and_comes_back(
    session: Session, account: Account, make_link: Callable[..., Link]
) -> None:

    old = make_link(account, "https://a.example/", title="old")
    trash.trash(session, account.id, old.id, origin=ORIGIN)
    make_link(account, "http://a.example/", notes="N")
    identities.recompute(session, account.id, origin=COMMAND, rule=rule, version=NEXT)
    assert library(session, account)["https://a.example/"] == ("https://a.example/", False)


def test_an_undo_does_not_take_an_identity_from_another_link(
    session: Session, account: Account, make_link: Callable[..., Link]
) -> None:
    make_link(account, "http://a.example/")
    done = identities.recompute(session, account.id, origin=COMMAND, rule=rule, version=NEXT)
    saving.save(session, account.id, Drafting().draft("http://a.example/"), origin=ORIGIN)
    with pytest.raises(Conflict, match="Another link has the URL that this one had before"):
        undoing.undo_batch(session, account.id, done.batch_id, origin=COMMAND)
