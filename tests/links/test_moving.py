"""Who gets which identity, by tables."""

from __future__ import annotations

import pytest

from linkhold.links import identity, moving

X, Y, Z = "https://x.example/", "https://y.example/", "https://z.example/"


@pytest.mark.parametrize(
    ("wanted", "holders", "yielding", "granted"),
    [
        ({1: X}, {}, set(), {1: X}),
        ({1: X}, {X: 1}, set(), {1: X}),
        ({1: X}, {X: 2}, set(), {}),
        ({1: X}, {X: 2}, {2}, {1: X, 2: f"{X} 2"}),
        # A chain, and a swap.
        ({1: Y, 2: Z}, {Y: 2}, set(), {1: Y, 2: Z}),
        ({1: Y, 2: X}, {X: 1, Y: 2}, set(), {1: Y, 2: X}),
        # Who is refused stays, and stands in the way of others.
        ({1: Y, 2: Z}, {Y: 2, Z: 3}, set(), {}),
        ({1: Y, 2: Z}, {Y: 2, Z: 3}, {2}, {1: Y, 2: f"{Y} 2"}),
        # Of two that want the same the older gets it.
        ({2: X, 1: X}, {}, set(), {1: X}),
    ],
)
def test_identities_are_settled(
    wanted: dict[int, str], holders: dict[str, int], yielding: set[int], granted: dict[int, str]
) -> None:
    settled = moving.settle(wanted, holders, yielding)
    assert settled.granted == granted
    assert settled.refused == {each for each in wanted if granted.get(each) != wanted[each]}


def test_what_a_link_that_gave_way_is_known_by_is_no_urls_identity() -> None:
    mark = identity.given_way(X, 7)
    assert identity.own(mark) == X
    assert identity.own(X) is None
    assert identity.identify(mark).text != mark
