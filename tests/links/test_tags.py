"""Tags, by tables."""

from __future__ import annotations

import pytest

from linkhold.errors import BadInput, LimitExceeded
from linkhold.links import tags


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        (["flask", "Flask", "FLASK"], ["flask"]),
        (["  to  read "], ["to-read"]),
        (["#postgres"], ["postgres"]),
        (["a//b/", "/c"], ["a/b", "c"]),
        (["", " ", "#", "/"], []),
        (["Straße", "STRASSE"], ["Straße"]),
        (["e\u0301te\u0301"], ["été"]),
        (["日本語", "🐘"], ["日本語", "🐘"]),
    ],
)
def test_a_word_becomes_a_tag(sent: list[str], kept: list[str]) -> None:
    assert tags.clean(sent, most=10, longest=20) == kept


@pytest.mark.parametrize("bad", ["a,b", "a\0b", "a\x1bb"])
def test_what_no_tag_can_hold_is_refused(bad: str) -> None:
    with pytest.raises(BadInput, match="cannot contain"):
        tags.clean([bad], most=10, longest=20)


def test_too_many_tags_and_too_long_ones_are_refused() -> None:
    with pytest.raises(LimitExceeded, match="at most 2 tags"):
        tags.clean(["a", "b", "c"], most=2, longest=20)
    with pytest.raises(LimitExceeded, match="longer than 3"):
        tags.clean(["long"], most=2, longest=3)


def test_uniting_keeps_the_first_spelling_and_order() -> None:
    assert tags.united(["Flask", "web"], ["FLASK", "db"]) == ["Flask", "web", "db"]


def test_a_tag_is_counted_for_itself_and_for_those_above() -> None:
    assert tags.counts(["a/b", "A", "c/d"]) == {"a": (1, 1), "a/b": (1, 1), "c": (0, 1), "c/d": (1, 1)}
