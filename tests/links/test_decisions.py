"""Pure decisions: what resembles what, what merging keeps, which period is meant, what is highlighted."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import pairwise
from urllib.parse import quote, unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linkhold.links import escapes, highlighting, indexing, language, periods, resemblance, tagging, tags
from linkhold.links.derived import Content


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


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("2025", "2025-01-01", "2026-01-01"),
        ("2025-12", "2025-12-01", "2026-01-01"),
        ("2024-02", "2024-02-01", "2024-03-01"),
        ("2024-2-29", "2024-02-29", "2024-03-01"),
        ("2025-03..2025-06", "2025-03-01", "2025-07-01"),
        ("2025..", "2025-01-01", None),
        ("..2025", None, "2026-01-01"),
    ],
)
def test_a_period_is_what_a_person_means(text: str, start: str | None, end: str | None) -> None:
    period = periods.parse(text)
    assert period is not None
    assert period.start == (datetime.fromisoformat(start).replace(tzinfo=UTC) if start else None)
    assert period.end == (datetime.fromisoformat(end).replace(tzinfo=UTC) if end else None)


@pytest.mark.parametrize(
    "text", ["", "..", "25", "2025-13", "2025-02-30", "x..2025", "0000", "9999", "2025-1-1-1"]
)
def test_what_is_no_period_is_none(text: str) -> None:
    assert periods.parse(text) is None


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


@pytest.mark.parametrize(
    ("tag", "renamed"),
    [("js", "ts"), ("JS/React", "ts/React"), ("jsx", "jsx"), ("a/js", "a/js")],
)
def test_a_tag_is_renamed_with_those_below_it(tag: str, renamed: str) -> None:
    assert tagging._renamed(tag, {"js": "ts"}) == renamed


def test_a_tag_is_counted_for_itself_and_for_those_above() -> None:
    assert tags.counts(["a/b", "A", "c/d"]) == {"a": (1, 1), "a/b": (1, 1), "c": (0, 1), "c/d": (1, 1)}


def test_marks_cannot_be_forged_by_words() -> None:
    """What a person writes is never read as a mark: not a state, not another's ownership."""
    content = Content(
        "https://a.example/", title="@2 ~2 !shared #tag .com =run '@2' \\'@2", tags=["@2", "'x"]
    )
    marks = indexing.marks(1, content)
    assert "@2" not in marks
    assert "!shared" not in marks
    assert all(not word.startswith(("'@2", "'~2", "'!shared", "'=run")) for word in indexing._words(content))


def test_what_is_found_of_a_link_has_a_limit() -> None:
    many = " ".join(f"w{number:060d}" for number in range(60_000))
    assert len(indexing.vector(1, Content("https://a.example/", notes=many))) < 1_200_000
    deep = ["/".join(["é" * 15] * 16) + str(number) for number in range(256)]
    assert len(indexing.vector(1, Content("https://a.example/", tags=deep)).encode()) < 1_000_000
