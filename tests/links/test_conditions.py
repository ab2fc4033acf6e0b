"""The conditions of a search, and what a word of it may become. Mostly pure."""

from __future__ import annotations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from linkhold.links import conditions, language, tag_tree, tags, trees
from linkhold.links.tag_counts import TagCount
from linkhold.links.tag_tree import Branch


@pytest.mark.parametrize(
    ("typed", "parts"),
    [
        ("", []),
        ("sort:title", []),
        ("flask", [("flask", "")]),
        ("flask sort:title", [("flask", "sort:title")]),
        ("flask #db", [("flask", "#db"), ("#db", "flask")]),
        (
            "a b -is:read",
            [("a", "b and not is:read"), ("b", "a and not is:read"), ("not is:read", "a and b")],
        ),
        ("(a or b) c", [("a or b", "c"), ("c", "a or b")]),
        ("a or b", [("a or b", "")]),
        ('tag:"x(y" z', [('#"x(y"', "z"), ("z", '#"x(y"')]),
        (
            "before:2025 site:a.example",
            [("before:2025", "site:a.example"), ("site:a.example", "before:2025")],
        ),
    ],
)
def test_each_condition_is_told_with_what_is_left_without_it(
    typed: str, parts: list[tuple[str, str]]
) -> None:
    found = conditions.of(language.parse(typed))
    assert [(each.text, each.without) for each in found] == parts


def test_taking_all_conditions_away_leaves_everything() -> None:
    query = language.parse('a -b (c or d) #e is:unread "f g"')
    for _ in range(6):
        query = language.parse(conditions.of(query)[0].without)
    assert conditions.of(query) == []


def test_a_search_is_written_in_another_order() -> None:
    query = language.parse("a #b")
    assert conditions.ordered(query, "title") == "a and #b sort:title"
    assert conditions.ordered(language.parse("a sort:title"), None) == "a"


@pytest.mark.parametrize(
    "name", ["plain", "Python/Flask", "odd(tag)", "日本", "a:b", 'say"hi', '"', "C:\\", '\\"']
)
def test_the_search_for_a_tag_finds_that_tag(name: str) -> None:
    query = language.parse(conditions.tagged(name))
    assert (query.tree, query.remarks) == (trees.Tag(tags.key(name)), ())


@given(st.text())
def test_the_search_for_any_tag_finds_it(name: str) -> None:
    kept = tags.tidy(name.replace("\0", ""))
    assume(kept)
    assert language.parse(conditions.tagged(kept)).tree == trees.Tag(tags.key(kept))


def branches(tree: list[Branch]) -> list[tuple[str, object]]:
    return [(each.label, branches(each.below)) for each in tree]


@pytest.mark.parametrize(
    ("names", "shape"),
    [
        ([], []),
        (["b", "a"], [("a", []), ("b", [])]),
        (["a/b", "a", "a-b", "a/b/c"], [("a", [("b", [("c", [])])]), ("a-b", [])]),
        (["x/y"], [("x/y", [])]),
        (["A", "a/B"], [("A", [("B", [])])]),
    ],
)
def test_tags_stand_below_one_another(names: list[str], shape: list[tuple[str, object]]) -> None:
    assert branches(tag_tree.tree([TagCount(name, 1, 1) for name in names])) == shape


def test_the_largest_branches_keep_their_order_and_pages_hold_whole_branches() -> None:
    counted = [
        TagCount(name, 1, below) for name, below in (("a", 1), ("b", 9), ("b/x", 2), ("b/y", 1), ("c", 5))
    ]
    tree = tag_tree.tree(counted)
    assert [each.name for each in tag_tree.largest(tree, 2)] == ["b", "c"]
    first, last = tag_tree.page(tree, after="", most=3)
    assert ([each.name for each in first], last) == (["a"], "a")
    second, last = tag_tree.page(tree, after="a", most=3)
    assert ([each.name for each in second], last) == (["b"], "b")
    assert tag_tree.page(tree, after="b", most=3) == ([tree[2]], None)
