"""Links that one would call the same: what differs between their addresses."""

from __future__ import annotations

import pytest

from linkhold.links import resemblance


def shown(pieces: list[resemblance.Piece]) -> str:
    return "".join(f"[{text}]" if differs else text for text, differs in pieces)


@pytest.mark.parametrize(
    ("urls", "told"),
    [
        (["https://a.example/x", "http://a.example/x"], ["[https]://a.example/x", "[http]://a.example/x"]),
        (["https://a.example/x", "https://a.example/x/"], ["https://a.example/x", "https://a.example/x[/]"]),
        (
            ["https://www.a.example/", "https://a.example/"],
            ["https://[www.]a.example/", "https://a.example/"],
        ),
        (
            ["https://a.example/x", "https://a.example/X", "https://a.example/x#top"],
            ["https://a.example/[x]", "https://a.example/[X]", "https://a.example/x[#top]"],
        ),
        (["https://a.example/"], ["https://a.example/"]),
        ([], []),
    ],
)
def test_what_is_not_the_same_in_all_is_marked(urls: list[str], told: list[str]) -> None:
    assert [shown(each) for each in resemblance.apart(urls)] == told


def test_of_very_long_addresses_nothing_is_lost() -> None:
    urls = [f"https://a.example/{'x/' * 3000}{end}" for end in "ab"]
    assert ["".join(text for text, _ in each) for each in resemblance.apart(urls)] == urls


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("http://a.example/x", "https://a.example/x"),
        ("https://www.a.example/", "https://a.example/"),
        ("https://m.a.example/x", "https://a.example/x"),
        ("https://mobile.a.example/x", "https://a.example/x"),
        ("https://en.m.wikipedia.org/wiki/Flask", "https://en.wikipedia.org/wiki/Flask"),
        ("https://www.mobile.a.example/x", "https://a.example/x"),
        ("https://a.example/x/", "https://a.example/x"),
        ("https://a.example/x#top", "https://a.example/x"),
        ("https://a.example/Path", "https://a.example/path"),
        ("https://a.example/index.html", "https://a.example/"),
    ],
)
def test_what_a_person_overlooks_resembles(one: str, other: str) -> None:
    assert resemblance.number(one) == resemblance.number(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("https://a.example/x", "https://b.example/x"),
        ("https://a.example/x", "https://a.example/y"),
        ("https://a.example/?p=1", "https://a.example/?p=2"),
        ("https://m.example/", "https://example/"),
        ("https://a.m.example/", "https://a.example/"),
        ("https://am.b.example/", "https://a.b.example/"),
        ("https://docs.a.example/", "https://a.example/"),
    ],
)
def test_what_differs_does_not(one: str, other: str) -> None:
    assert resemblance.number(one) != resemblance.number(other)
