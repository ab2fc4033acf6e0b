"""A newer rule of identity is applied to old links: nothing is lost, and it can be undone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from conftest import ORIGIN
from linkhold.accounts.models import Account
from linkhold.errors import Conflict, NotALink
from linkhold.links import identities, moving, saving, trash, undoing
from linkhold.links.changes import Origin
from linkhold.links.drafting import Drafting
from linkhold.links.identity import VERSION, Identity
from linkhold.links.models import Link

COMMAND = Origin("command")
NEXT = VERSION + 1


def rule(url: str) -> Identity:
    """Return what a rule might say for which http and https are one."""
    return Identity(url.lower().replace("http://", "https://"), NEXT)


def by(table: dict[str, str]) -> identities.Rule:
    """Return a rule that says of each URL what stands in a table, and of others what it is now."""
    return lambda url: Identity(table.get(url, url), NEXT)


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


A, B, C = (f"https://{name}.example/" for name in "abc")


@pytest.mark.parametrize("size", [1000, 1])
@pytest.mark.parametrize(
    ("rule", "wanted"),
    [
        # A chain: each takes the place of the next.
        ({A: B, B: C, C: "https://d.example/"}, {A: B, B: C, C: "https://d.example/"}),
        ({C: B, B: A, A: "https://d.example/"}, {C: B, B: A, A: "https://d.example/"}),
        # A swap, and a ring.
        ({A: B, B: A}, {A: B, B: A, C: C}),
        ({A: B, B: C, C: A}, {A: B, B: C, C: A}),
    ],
)
def test_links_that_a_newer_rule_keeps_apart_stay_apart(
    session: Session,
    account: Account,
    make_link: Callable[..., Link],
    monkeypatch: pytest.MonkeyPatch,
    rule: dict[str, str],
    wanted: dict[str, str],
    size: int,
) -> None:
    """Though one comes to have what another had: in one chunk, and across the borders of chunks."""
    for module in (identities, moving, undoing):
        monkeypatch.setattr(module, "BATCH", size)
    for url in (A, B, C):
        make_link(account, url)
    before = library(session, account)
    done = identities.recompute(session, account.id, origin=COMMAND, rule=by(rule), version=NEXT)
    assert library(session, account) == {url: (each, False) for url, each in wanted.items()}
    assert undoing.undo_batch(session, account.id, done.batch_id, origin=COMMAND).left == []
    assert library(session, account) == before


def test_a_link_that_is_merged_leaves_its_identity_to_one_that_comes_to_have_it(
    session: Session, account: Account, make_link: Callable[..., Link]
) -> None:
    for url in (A, B, C):
        make_link(account, url)
    before = library(session, account)
    table = by({A: "https://d.example/", B: "https://d.example/", C: B})
    done = identities.recompute(session, account.id, origin=COMMAND, rule=table, version=NEXT)
    now = library(session, account)
    assert (now[A], now[C]) == (("https://d.example/", False), (B, False))
    assert now[B][1], "it is in the trash"
    assert undoing.undo_batch(session, account.id, done.batch_id, origin=COMMAND).left == []
    assert library(session, account) == before


def test_a_link_in_the_trash_that_is_another_by_the_newer_rule_gives_way(
    session: Session, account: Account, make_link: Callable[..., Link]
) -> None:
    thrown = make_link(account, B, title="thrown")
    trash.trash(session, account.id, thrown.id, origin=ORIGIN)
    make_link(account, A)
    table = by({A: B, B: C})
    identities.recompute(session, account.id, origin=COMMAND, rule=table, version=NEXT)
    now = library(session, account)
    assert now[A] == (B, False)
    assert now[B][1], "it stays in the trash"


def test_a_save_that_takes_an_identity_meanwhile_is_looked_at_again(
    session: Session, account: Account, make_link: Callable[..., Link], monkeypatch: pytest.MonkeyPatch
) -> None:
    make_link(account, A)
    looks = iter([True, False])
    holders = moving.holders

    def look(*asked: Any) -> Any:
        found = holders(*asked)
        if next(looks):
            saving.save(session, account.id, Drafting().draft(B), origin=ORIGIN)
        return found

    monkeypatch.setattr(moving, "holders", look)
    identities.recompute(session, account.id, origin=COMMAND, rule=by({A: B}), version=NEXT)
    assert library(session, account) == {A: (A, True), B: (B, False)}


def test_identities_that_are_taken_again_and_again_are_given_up_in_words(
    session: Session, account: Account, make_link: Callable[..., Link], monkeypatch: pytest.MonkeyPatch
) -> None:
    make_link(account, A)
    monkeypatch.setattr(moving, "take", lambda *_: False)
    with pytest.raises(Conflict, match="kept appearing"):
        identities.recompute(session, account.id, origin=COMMAND, rule=by({A: B}), version=NEXT)


def test_a_url_that_the_newer_rule_cannot_read_keeps_its_identity(
    session: Session, account: Account, make_link: Callable[..., Link]
) -> None:
    def rule(url: str) -> Identity:
        raise NotALink(url)

    make_link(account, A)
    identities.recompute(session, account.id, origin=COMMAND, rule=rule, version=NEXT)
    assert library(session, account) == {A: (A, False)}


@pytest.mark.parametrize(
    ("moved", "holders", "apart", "keepers", "granted"),
    [
        ({1: B}, {}, set(), {}, {1: B}),
        ({1: B}, {B: 2}, set(), {1: 2}, {}),
        ({1: B}, {B: 2}, {2}, {}, {1: B, 2: f"{B} 2"}),
        ({1: B, 2: B}, {}, set(), {2: 1}, {1: B}),
        ({1: B, 2: C}, {B: 2}, set(), {}, {1: B, 2: C}),
        ({1: B, 2: A}, {A: 1, B: 2}, set(), {}, {1: B, 2: A}),
        # The one that is merged into another leaves its identity to a third.
        ({1: C, 2: C, 3: B}, {B: 2}, set(), {2: 1}, {1: C, 3: B, 2: f"{B} 2"}),
    ],
)
def test_what_a_newer_rule_makes_one_is_merged_and_all_else_kept_apart(
    moved: dict[int, str],
    holders: dict[str, int],
    apart: set[int],
    keepers: dict[int, int],
    granted: dict[int, str],
) -> None:
    plan = identities.planned(moved, holders, kept_apart=apart)
    assert (plan.keepers, plan.granted) == (keepers, granted)
