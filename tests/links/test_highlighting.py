"""Highlighting: where in a text the words are that were looked for."""

from __future__ import annotations

from itertools import pairwise
from urllib.parse import quote, unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linkhold.links import escapes, highlighting, language


@pytest.mark.parametrize(
    ("query", "text", "hits"),
    [
        ("flask", "A Flask, flasks and FLASKS", ["Flask", "flasks", "FLASKS"]),
        ("running", "run runs runner", ["run", "runs"]),
        ('"web framework"', "web framework webs", ["web", "framework"]),
        ("lodz", "Łódź", ["Łódź"]),
        ("京都", "東京都庁", ["京都"]),
        ("京", "東京都庁の京", ["京", "京"]),
        ("#flask", "flask", []),
        ("not flask", "flask", []),
        ("notes:flask", "flask", []),
        ("title:flask or x", "flask x", ["flask", "x"]),
        ("🎉", "Party🎉, and more 🎉", ["🎉", "🎉"]),
        ("👍", "so 👍🏽, “good”…", ["👍"]),
        ("party", "party🎉", ["party"]),
    ],
)
def test_hits_are_where_the_words_are(query: str, text: str, hits: list[str]) -> None:
    found = highlighting.fragments(language.parse(query), {"title": text})
    shown = [fragment.text[start:end] for fragment in found for start, end in fragment.marks]
    assert shown == hits


@pytest.mark.parametrize(
    ("query", "url", "hits"),
    [
        ("café", "https://a.example/caf%C3%A9/x", ["caf%C3%A9"]),
        ("CAFE", "https://a.example/un-caf%c3%a9", ["caf%c3%a9"]),
        ("東京", "https://a.example/%E6%96%B0%E6%9D%B1%E4%BA%AC", ["%E6%9D%B1%E4%BA%AC"]),
        ("b", "https://a.example/a%20b%ffb", ["b", "b"]),
        ("c", "https://a.example/100%/c%", ["c"]),
    ],
)
def test_what_stands_percent_encoded_in_an_address_is_highlighted(
    query: str, url: str, hits: list[str]
) -> None:
    (fragment,) = highlighting.fragments(language.parse(query), {"url": url})
    assert [fragment.text[start:end] for start, end in fragment.marks] == hits


@given(st.text(alphabet="a%é東🎉\ud800", max_size=20).map(lambda text: text.encode("utf-8", "replace")))
def test_what_was_percent_encoded_is_found_where_it_stood(data: bytes) -> None:
    encoded = quote(data)
    plain, places = escapes.undone(encoded)
    assert plain == data.decode()
    assert len(places) == len(plain) + 1
    assert [unquote(encoded[start:end]) for start, end in pairwise(places)] == list(plain)


@given(st.text(alphabet="%fFe9aé ", max_size=30))
def test_whatever_an_address_has_in_it_keeps_its_place(text: str) -> None:
    _, places = escapes.undone(text)
    assert places == sorted(set(places))
    assert (places[0], places[-1]) == (0, len(text))


def test_a_long_text_is_cut_around_its_first_hit() -> None:
    text = "word " * 200 + "flask " + "word " * 200
    (fragment,) = highlighting.fragments(language.parse("flask"), {"notes": text})
    assert len(fragment.text) <= highlighting.LONGEST
    ((start, end),) = fragment.marks
    assert fragment.text[start:end] == "flask"
