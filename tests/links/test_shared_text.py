"""What is meant by a shared text, by a table of what apps and people share; and that no word is lost."""

from __future__ import annotations

import time
import tomllib
import unicodedata
from pathlib import Path
from typing import TypedDict, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linkhold.links import addresses, hosts, shared_text
from linkhold.links.addresses import Rule
from linkhold.links.found import Found

RULE = Rule()


class Share(TypedDict):
    """A row of the table."""

    app: str
    text: str
    links: list[list[str]]


TABLE = Path(__file__).with_name("shared_texts.toml")
SHARES = cast("list[Share]", tomllib.loads(TABLE.read_text(encoding="utf-8"))["share"])

WORDS = ("wort", "слово", "言葉", "كلمة", "מילה", "शब्द", "1984", "naïve")
PARTS = (
    *(
        "https://a.example/x",
        "http://b.example",
        "https://c.example/d_(e)?f=1&g",
        "example.com",
        "www.example.org/h",
    ),
    *("HTTPS://", "http://", "://", "[", "](", ")", "(", "]", "<", ">", "<b>", "</a>", "<p>", '<a href="'),
    *('"', "„", "“", "«", "»", "「", "」", "（", "）", "'", "`", "*", "_", "|", "\\", "&amp;", "&#38;", "&"),
    *(
        "\n",
        "\n\n",
        "\r\n",
        "\u2028",
        " ",
        "  ",
        "\t",
        "\u3000",
        "\u200b",
        "\ufeff",
        "\u200f",
        "\u00ad",
        "\ufffc",
    ),
    *(
        ":",
        ",",
        ".",
        "…",
        "。",
        "、",
        "!",
        "?",
        " - ",
        " – ",
        "- ",
        "1. ",
        "#",
        "@",
        "/",
        "~",
        "=",
        "+",
        "👍",
        "via ",
    ),
)


@pytest.mark.parametrize(
    "share", SHARES, ids=[f"{number} {each['app']}" for number, each in enumerate(SHARES)]
)
def test_a_shared_text_is_understood_as_a_person_would(share: Share) -> None:
    wanted = [Found(*link) for link in share["links"]]
    assert shared_text.read(share["text"], RULE) == wanted


def test_the_table_is_long_and_in_many_scripts() -> None:
    texts = "".join(share["text"] for share in SHARES)
    assert len(SHARES) >= 150
    scripts = {unicodedata.name(char).partition(" ")[0] for char in texts if char.isalpha()}
    assert {"LATIN", "CJK", "CYRILLIC", "ARABIC", "HIRAGANA", "GREEK", "HEBREW", "HANGUL"} <= scripts
    assert {"DEVANAGARI", "TAMIL", "THAI", "BENGALI", "KATAKANA"} <= scripts


@given(st.text())
def test_any_text_can_be_read(text: str) -> None:
    shared_text.read(text, RULE)


@given(st.lists(st.sampled_from((*PARTS, *WORDS)), max_size=40))
def test_no_word_is_lost(parts: list[str]) -> None:
    """A word is in a URL that was found, in a title or in notes; without links, the text is kept whole."""
    found = shared_text.read("".join(parts), RULE)
    if found:
        kept = "\n".join(f"{each.url}\n{each.title}\n{each.notes}" for each in found)
        assert [word for word in parts if word in WORDS and word not in kept] == []


@given(st.lists(st.sampled_from((*PARTS, *WORDS)), max_size=40))
def test_what_is_found_can_be_saved(parts: list[str]) -> None:
    for each in shared_text.read("".join(parts), RULE):
        assert RULE.accepts(each.url)
        assert "\n" not in each.title
        assert len(each.title) <= 600


HOSTILE = (
    *(
        "a",
        "a.",
        "-",
        "[",
        "[x",
        "[](a",
        "[](([]",
        "(",
        "<a b>",
        "<a href=x ",
        "<b a=1 ",
        "<p",
        "&amp",
        "\n",
        "x\n",
    ),
    *(
        "http://",
        "http://a)",
        "http://a,",
        "https://a.example/(",
        "www.",
        "例",
        "a例",
        "example.com/",
        "x.com ",
    ),
    *("[[http://a.b][", "[url=", "<http://a|", '"', "「", "\u200b", "/\u200b", "1. ", "via ", "@a.de"),
)


@pytest.mark.parametrize("pattern", HOSTILE)
def test_a_hostile_text_takes_time_in_proportion_to_its_length(pattern: str) -> None:
    """A pattern that goes back over the text would need minutes for these."""
    text = pattern * (120_000 // len(pattern))
    began = time.process_time()
    shared_text.read(text, RULE)
    shared_text.read(f"{text} https://a.example/ {text}", RULE)
    assert time.process_time() - began < 10


def test_one_identity_is_one_link_with_the_words_of_all() -> None:
    found = shared_text.read(
        "Tides https://a.example/x\n\nFerries https://a.example/x?utm_source=y\n\nTides https://a.example/x",
        RULE,
    )
    assert found == [Found("https://a.example/x", "Tides", "Ferries")]


def test_a_url_that_is_too_long_is_text() -> None:
    assert shared_text.read(f"https://a.example/{'x' * 9000}", RULE) == []


def test_other_schemes_are_found_where_they_are_allowed() -> None:
    rule = Rule(frozenset({"https", "gemini"}))
    assert [each.url for each in addresses.find("gemini://a.example/x http://b.example", rule)] == [
        "gemini://a.example/x"
    ]


def test_a_very_long_sentence_is_kept_with_the_first_of_its_links_alone() -> None:
    sentence = f"Compare {'very ' * 300} https://a.example/1 with https://b.example/2 now"
    first, second = shared_text.read(sentence, RULE)
    assert (first.notes.startswith("Compare very"), second.notes) == (True, "")


@pytest.mark.parametrize(
    ("text", "url"),
    [
        (" https://a.example/看看b ", "https://a.example/看看b"),
        ("example.com/x", "https://example.com/x"),
        ("https://a.example/x y", None),
        ("https://", None),
        ("see example.com", None),
        ("", None),
    ],
)
def test_a_text_that_is_a_url_and_nothing_else(text: str, url: str | None) -> None:
    assert addresses.whole(text, RULE) == url


@pytest.mark.parametrize(
    ("name", "is_site"),
    [
        ("example.com", True),
        ("bbc.co.uk", True),
        ("co.uk", False),
        ("пример.рф", True),
        ("例え.jp", True),
        ("WWW.EXAMPLE.COM", True),
        ("ASP.NET", False),
        ("-a.com", False),
        ("a..com", False),
        ("under_score.com", False),
        ("a." * 127 + "com", False),
        ("notes.txt", False),
    ],
)
def test_names_of_sites(name: str, *, is_site: bool) -> None:
    assert hosts.is_site(name) == is_site
