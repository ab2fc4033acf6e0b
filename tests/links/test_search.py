"""Searching a real library: what is found, in which order, and by which plan."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from sqlalchemy import update
from sqlalchemy.orm import Session

from linkhold.accounts.models import Account
from linkhold.links import estimating, language, looking, search
from linkhold.links.estimating import Statistics
from linkhold.links.models import Link
from links.searches import COMMON, SEARCHES, SELECTIVE

MakeLink = Callable[..., Link]
LINKS: dict[str, dict[str, Any]] = {
    "flask": {
        "url": "https://flask.palletsprojects.com/en/stable/quickstart/",
        "title": "Quickstart — Flask Documentation",
        "tags": ["python/flask", "docs"],
        "notes": "Read the part about *blueprints* again",
        "unread": True,
    },
    "running": {"url": "https://a.example/running-shoes", "title": "Running shoes, compared", "shared": True},
    "runtime": {"url": "https://b.example/x?lang=en", "title": "What a runtime is", "tags": ["C++"]},
    "cafe": {"url": "https://c.example/caf%C3%A9", "title": "Cafés in Łódź", "archived": True},
    "tokyo": {"url": "https://d.example/", "title": "東京都庁の展望室", "description": "서울 한국어 문서"},
    "sweet": {"url": "https://f.test/", "title": "Éclairs", "tags": ["éclair", 'say"hi', "a\\b/(c)"]},
    "emoji": {"url": "https://e.example/", "title": "Party 🎉 time", "tags": ["Docs/Party"]},
    "münchen": {"url": "https://www.münchen.de/rathaus", "title": "Rathaus"},
}


@pytest.fixture
def found(session: Session, account: Account, make_link: MakeLink) -> Callable[[str], set[str]]:
    """Make the library, and return a function that tells by name what a search finds in it."""
    names = {make_link(account, **fields).id: name for name, fields in LINKS.items()}

    def find(typed: str) -> set[str]:
        by_way = [
            {names[link.id] for link in _find(session, account, typed, statistics).links}
            for statistics in (Statistics(), SELECTIVE, COMMON)
        ]
        assert by_way[0] == by_way[1] == by_way[2], "the way makes a difference"
        return by_way[0]

    return find


def _find(session: Session, account: Account, typed: str, statistics: Statistics) -> search.Found:
    return search.find(session, account.id, language.parse(typed), limit=100, statistics=statistics)


@pytest.mark.parametrize(
    ("typed", "names"),
    [
        ("", set(LINKS)),
        ("flask", {"flask"}),
        ("FLASK quick", {"flask"}),
        ("flask running", set()),
        ("run", {"running", "runtime"}),
        ("runs", {"running"}),
        ("documented", {"flask"}),
        ('"flask documentation"', {"flask"}),
        ('"documentation flask"', set()),
        ('"flask document"', set()),
        ("blueprint", {"flask"}),
        ("notes:blueprint", {"flask"}),
        ("title:blueprint", set()),
        ("title:flask", {"flask"}),
        ("url:palletsprojects", {"flask"}),
        ("url:documentation", set()),
        ("palletsprojects.com", {"flask"}),
        ("https://flask.palletsprojects.com/en/", {"flask"}),
        ("cafe", {"cafe"}),
        ("lodz CAFÉS", {"cafe"}),
        ("京", {"tokyo"}),
        ("東京", {"tokyo"}),
        ("展望", {"tokyo"}),
        ("都展", set()),
        ("京都庁の", {"tokyo"}),
        ("국어", {"tokyo"}),
        ("🎉", {"emoji"}),
        ("#docs", {"flask", "emoji"}),
        ("tag:DOCS/party", {"emoji"}),
        ("#python", {"flask"}),
        ("#pyth", set()),
        ("#c++", {"runtime"}),
        ("eclair #ÉCLAIR", {"sweet"}),
        ("#eclair", set()),
        ('#say"hi', {"sweet"}),
        (r'tag:"say\"hi"', {"sweet"}),
        (r'#"a\\b/(c)"', {"sweet"}),
        (r"#a\b", {"sweet"}),
        ("site:palletsprojects.com", {"flask"}),
        ("site:example", {"running", "runtime", "cafe", "tokyo", "emoji"}),
        ("site:ample", set()),
        ("site:münchen.de", {"münchen"}),
        ("münchen", {"münchen"}),
        ("is:unread", {"flask"}),
        ("is:read is:tagged", {"runtime", "emoji", "sweet"}),
        ("is:archived or is:shared", {"cafe", "running"}),
        ("is:untagged -is:archived -is:shared", {"tokyo", "münchen"}),
        ("-example", {"flask", "münchen", "sweet"}),
        ("not (example or flask)", {"münchen", "sweet"}),
        ("run -shoes", {"runtime"}),
        ("zzz", set()),
        ("' \" \\ & | ! : * <-> )", set(LINKS)),
        ("added:2001", set()),
        ("after:2001 flask", {"flask"}),
        ("added:2001 or flask", {"flask"}),
        ("not added:2001 -example", {"flask", "münchen", "sweet"}),
        ("(before:2001 or flask) is:unread", {"flask"}),
        ("is:trashed", set()),
        ("before:..2001", set()),
        ("not before:..2001", set(LINKS)),
        ("after:2001..", set(LINKS)),
        ("-(after:2001..)", set()),
        ("title:(runtime or flask)", {"runtime", "flask"}),
        ("title:(blueprint or quickstart)", {"flask"}),
        ("-title:(run or flask) is:unread", set()),
        ("site:(palletsprojects.com or münchen.de)", {"flask", "münchen"}),
    ],
)
def test_a_search_finds(found: Callable[[str], set[str]], typed: str, names: set[str]) -> None:
    assert found(typed) == names


@given(typed=SEARCHES)
@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_no_search_is_a_fault_of_the_database(session: Session, account: Account, typed: str) -> None:
    query = language.parse(typed)
    for statistics in (SELECTIVE, COMMON):
        assert search.find(session, account.id, query, limit=2, statistics=statistics).links == []
    assert search.every_id(session, account.id, replace(query, remarks=())) == []


def test_dates_are_whole_days_months_and_years(
    session: Session, account: Account, make_link: MakeLink
) -> None:
    moments = {
        make_link(account).id: datetime.fromisoformat(f"{text}Z")
        for text in (
            "2024-12-31T23:59:59",
            "2025-01-01T00:00:00",
            "2025-03-31T23:59:59",
            "2025-04-01T00:00:00",
        )
    }
    for link_id, moment in moments.items():
        session.execute(update(Link).where(Link.id == link_id).values(created_at=moment))
    for typed, count in (
        ("added:2025", 3),
        ("added:2025-03", 1),
        ("added:2025-03-31", 1),
        ("added:2025-01..2025-03", 2),
        ("before:2025", 1),
        ("after:2025-03", 1),
        ("added:..2025-03", 3),
        ("after:2024-12-31", 3),
    ):
        assert len(_find(session, account, typed, Statistics()).links) == count, typed


@pytest.mark.parametrize("sort", ["added", "changed", "title"])
@pytest.mark.parametrize("statistics", [SELECTIVE, COMMON], ids=["index", "walk"])
def test_pages_have_each_link_once_in_order(
    session: Session, account: Account, make_link: MakeLink, sort: str, statistics: Statistics
) -> None:
    start = datetime(2025, 1, 1, tzinfo=UTC)
    for number in range(25):
        link = make_link(account, title=f"word {number % 3} é")
        # Many have the same moment and the same title: then the id decides.
        moment = start + timedelta(days=number % 5)
        session.execute(update(Link).where(Link.id == link.id).values(created_at=moment, changed_at=moment))
    query, seen, after = language.parse(f"word sort:{sort}"), [], None
    while True:
        page = search.find(session, account.id, query, limit=4, after=after, statistics=statistics)
        seen += page.links
        after = page.next
        if after is None:
            break
    assert len({link.id for link in seen}) == len(seen) == 25
    keys = {"added": "created_at", "changed": "changed_at", "title": "title"}
    ordered = [(getattr(link, keys[sort]), link.id) for link in seen]
    assert ordered == sorted(ordered, reverse=sort != "title")


def test_a_walk_that_finds_too_little_asks_the_index(
    session: Session, account: Account, make_link: MakeLink, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = make_link(account, title="word")
    for _ in range(5):
        make_link(account)
    monkeypatch.setattr(estimating, "SHORTEST_WALK", 3)
    monkeypatch.setattr(estimating, "PATIENCE", 0)
    found = _find(session, account, "word", COMMON)
    assert [link.id for link in found.links] == [old.id]
    assert found.count == looking.Count(1, exact=True)


def test_another_account_is_never_found(
    session: Session, account: Account, make_account: Callable[..., Account], make_link: MakeLink
) -> None:
    make_link(account, title="word", tags=["x"], unread=True)
    stranger = make_account()
    for typed in ("", "word", "#x", "is:unread", "not nothing", "word or is:trashed"):
        for statistics in (SELECTIVE, COMMON):
            assert _find(session, stranger, typed, statistics).links == []


@pytest.mark.parametrize(
    ("typed", "walks"),
    [
        ("common", True),
        ("rare", False),
        ("common rare", False),
        ("-rare", True),
        ("", True),
        ("#rare", False),
    ],
)
def test_what_finds_much_is_walked_and_what_finds_little_is_asked_of_the_index(
    typed: str, walks: bool
) -> None:
    statistics = Statistics(links=1e6, lexemes=["@1", "common"], sums=[0.0, 1.0, 1.2], rest=0.0001)
    way = estimating.choose(statistics, 1, language.parse(typed).tree, wanted=101)
    assert (way.walk > 0) is walks


def test_a_common_prefix_beside_a_rare_word_is_not_asked_of_the_index() -> None:
    """Reading all entries that begin so would take longer than looking at what the rare word finds."""
    statistics = Statistics(links=1e6, lexemes=["@1", "common"], sums=[0.0, 1.0, 1.2], rest=0.0001)
    way = estimating.choose(statistics, 1, language.parse("common rare").tree, wanted=101)
    assert [str(part) for part in way.indexed] == [str(language.parse("rare").tree)]
    assert [str(part) for part in way.filtered] == [str(language.parse("common").tree)]
