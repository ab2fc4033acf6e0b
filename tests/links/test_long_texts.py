"""Long texts: any part of them is found, though PostgreSQL keeps so many places of a word and no more."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from linkhold.accounts.models import Account
from linkhold.links import indexing, language, neighbours, search
from linkhold.links.derived import Content
from linkhold.links.estimating import Statistics
from linkhold.links.models import Link

MakeLink = Callable[..., Link]
WAYS = (Statistics(links=1e9, rest=1e-9), Statistics(links=1e6, rest=0.9))
IDEOGRAPHS = "".join(chr(0x4E00 + number * 7 % 20_000) for number in range(19_990))


@pytest.fixture
def finds(session: Session, account: Account) -> Callable[[str], bool]:
    """Return a function that tells whether a search finds anything, and that by both ways."""

    def finds(typed: str) -> bool:
        query = language.parse(typed)
        found = {bool(search.find(session, account.id, query, limit=1, statistics=way).links) for way in WAYS}
        assert len(found) == 1, "the way makes a difference"
        return found.pop()

    return finds


LONG = {
    "japanese": "これはです。" * 300 + "終わりです東",
    "english": "the cat " * 300 + "the needle",
    "ideographs": IDEOGRAPHS,
    "mixed": "東 is " * 300 + "flask東京",
    "words": " ".join(f"w{number}" for number in range(17_000)),
}


@pytest.mark.parametrize(
    ("notes", "typed"),
    [
        ("japanese", "終わりです"),
        ("japanese", "です東"),
        ("japanese", "notes:終わりです東"),
        ("japanese", '"わりです"'),
        ("english", '"the needle"'),
        ("english", '"cat the needle"'),
        ("english", "the.need"),
        ("english", 'notes:"the needle"'),
        *(("ideographs", IDEOGRAPHS[at : at + 3]) for at in (0, 5000, 16_381, 16_383, 17_000, 19_987)),
        ("ideographs", IDEOGRAPHS[18_000:18_050]),
        ("mixed", "flask東京"),
        ("words", '"w16998 w16999"'),
        ("words", '"w1 w2"'),
    ],
)
def test_any_part_of_a_long_text_is_found(
    account: Account, make_link: MakeLink, finds: Callable[[str], bool], notes: str, typed: str
) -> None:
    make_link(account, notes=LONG[notes])
    assert finds(typed)
    assert not finds(f"-({typed})")


@pytest.mark.parametrize(
    ("notes", "typed"),
    [
        ("japanese", "東終わ"),
        ("japanese", "すこりで"),
        ("english", '"needle the"'),
        ("english", '"the needle cat"'),
        ("english", 'title:"the needle"'),
        ("ideographs", IDEOGRAPHS[17_000:17_002] + IDEOGRAPHS[17_003]),
        ("words", '"w16998 w17000"'),
        ("mixed", "flask京東"),
    ],
)
def test_what_does_not_stand_side_by_side_is_not_found(
    account: Account, make_link: MakeLink, finds: Callable[[str], bool], notes: str, typed: str
) -> None:
    make_link(account, notes=LONG[notes])
    assert not finds(typed)
    assert finds(f"-({typed})")


def test_a_word_is_found_in_each_text_however_often_it_stands_in_the_first(
    account: Account, make_link: MakeLink, finds: Callable[[str], bool]
) -> None:
    make_link(account, description="word " * 300, notes="a word")
    assert finds("notes:word")
    assert finds('notes:"a word"')
    assert not finds("title:word")


def test_a_short_link_has_no_neighbours() -> None:
    vector = indexing.vector(1, Content("https://a.example/", title="the needle", notes="東京都 " * 50))
    assert "the needle" not in vector
    assert indexing.state_mark(neighbours.LONG) not in vector


def test_the_longest_texts_fit_into_the_index(session: Session) -> None:
    """PostgreSQL takes a megabyte of words for a row, and fails for more."""
    texts = [
        " ".join(f"{number:x}é" for number in range(150_000)),
        "".join(chr(0x4E00 + number * number % 20_000) for number in range(200_000)),
        "word " * 200_000,
    ]
    for notes in texts:
        vector = indexing.vector(1, Content("https://a.example/", title="one two", notes=notes))
        assert session.scalar(text("SELECT length(CAST(:vector AS tsvector))"), {"vector": vector})
