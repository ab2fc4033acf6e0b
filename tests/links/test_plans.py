"""By which plans a large library answers: a regression in a plan fails here, whatever the clock says.

The planner decides as it does for everyone, and nothing is forbidden to it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, event, text
from sqlalchemy.orm import Session

from conftest import make_engine
from linkhold.db.engine import transactional
from linkhold.links import feed, history, language, search, tag_counts
from linkhold.links.estimating import Statistics
from linkhold.links.feed import Cursor
from links.searches import COMMON, SELECTIVE

# The index of each scan that has one, and a scan that has none.
INDEX = re.compile(r"(?:using|Bitmap Index Scan on) (\w+)")
SCANNED = re.compile(r"Seq Scan on (?:links|tags|tag_differences|changes)")

OWNER, OTHER = 1, 2
MANY = 20_000
EARLY = 100
"""A transaction that every server has had: a cursor from ahead of it is refused."""

FILL = (
    """
    INSERT INTO links (owner_id, id, url, identity, identity_hash, identity_version, title, description,
                       notes, tags, unread, archived, shared, created_at, changed_at, version, title_key,
                       resembles, search)
    SELECT :owner_id, n, n, n, sha256(convert_to(CAST(n AS text), 'UTF8')), 1, '', '', repeat('x', 200), '{}',
           false, false, false, moment, moment, 1, 'title' || n, n,
           CAST(format('''@%s'' ''common''\\:1A ''w%s''\\:2A ''v%s''\\:3A ''=w%s'' ''#t%s'' ''.s%s.example''',
                       CAST(:owner_id AS int), n, n, n, n % 2000, n % 500) AS tsvector)
    FROM generate_series(1, :many) AS n, LATERAL (SELECT now() - n * interval '1 hour') AS age (moment)
    """,
    """
    INSERT INTO tags (owner_id, key, name, links, below)
    SELECT :owner_id, 't' || n, 't' || n, 1, 1 FROM generate_series(1, 2000) AS n
    """,
    """
    INSERT INTO changes (owner_id, link_id, id, made_in, batch_id, kind, door, made_at, before, after)
    SELECT :owner_id, n, n, n, nullif(n % 5, 0) * n, 'added', 'test', now(), '{}', '{}'
    FROM generate_series(1, :many) AS n
    """,
)


@pytest.fixture(scope="module")
def library(make_database: Callable[[], str]) -> Iterator[Engine]:
    """Two libraries of many links, tags and changes, and what PostgreSQL knows of them."""
    engine = make_engine(make_database())
    with transactional(engine).begin() as connection:
        for owner in (OWNER, OTHER):
            for statement in FILL:
                connection.execute(text(statement), {"owner_id": owner, "many": MANY})
    with engine.connect() as connection:
        connection.exec_driver_sql("VACUUM ANALYZE links, tags, changes")
    yield engine
    engine.dispose()


@pytest.fixture
def session(library: Engine) -> Iterator[Session]:
    with Session(transactional(library)) as session:
        yield session


def plans(session: Session, act: Callable[[], object]) -> list[str]:
    """Return the plan of each statement that an act sends, in order."""
    sent: list[tuple[str, Any]] = []

    def note(_connection: Connection, _cursor: object, statement: str, parameters: Any, *_: object) -> None:
        sent.append((statement, parameters))

    connection = session.connection()
    event.listen(connection, "before_cursor_execute", note)
    try:
        act()
    finally:
        event.remove(connection, "before_cursor_execute", note)
    return [
        "\n".join(connection.exec_driver_sql(f"EXPLAIN {statement}", parameters).scalars())
        for statement, parameters in sent
        if "links" in statement or "tags" in statement or "changes" in statement
    ]


def searched(session: Session, typed: str, statistics: Statistics) -> list[str]:
    query = language.parse(typed)
    assert not query.remarks
    return plans(session, lambda: search.find(session, OWNER, query, limit=10, statistics=statistics))


SEARCH, NEWEST, TITLE, CHANGED, KEY = (
    "ix_links_search",
    "ix_links_newest",
    "ix_links_title",
    "ix_links_changed",
    "pk_links",
)


@pytest.mark.parametrize(
    ("typed", "statistics", "indexes"),
    [
        ("w17", SELECTIVE, [SEARCH]),
        ("zzz", SELECTIVE, [SEARCH]),
        ("w17 v17", SELECTIVE, [SEARCH]),
        ('"w17 v17"', SELECTIVE, [SEARCH]),
        ("w17.v1", SELECTIVE, [SEARCH]),
        ("w17 -v17", SELECTIVE, [SEARCH]),
        ("w17 -(v1 or #t17)", SELECTIVE, [SEARCH]),
        ("#t17", SELECTIVE, [SEARCH]),
        ("#t17 site:s17.example", SELECTIVE, [SEARCH]),
        ("w17 or v18", SELECTIVE, [SEARCH]),
        ("w17 after:2001", SELECTIVE, [SEARCH]),
        ("w17 -added:2001", SELECTIVE, [SEARCH]),
        ("w17 (before:2001 or v17)", SELECTIVE, [SEARCH]),
        ("w17 sort:title", SELECTIVE, [SEARCH]),
        ("w17 sort:relevance", SELECTIVE, [SEARCH, KEY]),
        ("", COMMON, [NEWEST]),
        ("common", COMMON, [NEWEST]),
        ("-w17", COMMON, [NEWEST]),
        ("after:2001 common", COMMON, [NEWEST]),
        ("common or added:2001", COMMON, [NEWEST]),
        ("common sort:title", COMMON, [TITLE]),
        ("common sort:changed", COMMON, [CHANGED]),
        ("common sort:relevance", COMMON, [NEWEST, KEY]),
        # What was thought to be common, and is not: a walk, a look whether that was all, and the index.
        ("w17000", COMMON, [NEWEST, NEWEST, SEARCH]),
        ('"w17000 v17000"', COMMON, [NEWEST, NEWEST, SEARCH]),
        ("w17000 sort:title", COMMON, [TITLE, TITLE, SEARCH]),
    ],
)
def test_each_step_of_a_search_goes_by_its_index(
    session: Session, typed: str, statistics: Statistics, indexes: list[str]
) -> None:
    found = searched(session, typed, statistics)
    assert [INDEX.findall(plan) for plan in found] == [[index] for index in indexes], "\n".join(found)


ACTS: dict[str, tuple[Callable[[Session], object], list[str]]] = {
    "what a tag may become": (
        lambda session: tag_counts.complete(session, OWNER, "t17", limit=8),
        ["pk_tag_differences", "pk_tags"],
    ),
    "all tags": (lambda session: tag_counts.every(session, OWNER), ["pk_tag_differences", "pk_tags"]),
    "the tags most used": (
        lambda session: tag_counts.most_used(session, OWNER, limit=8),
        ["pk_tag_differences", "pk_tags"],
    ),
    "the feed from its beginning": (
        lambda session: feed.read(session, OWNER, since=None, limit=100),
        ["ix_changes_feed"],
    ),
    "the feed from a cursor": (
        lambda session: feed.read(session, OWNER, since=_cursor(session), limit=100),
        ["ix_changes_feed"],
    ),
    "the end of the feed": (lambda session: feed.end(session, OWNER), ["ix_changes_feed"]),
    "the history of a link": (
        lambda session: history.of_link(session, OWNER, 17, limit=50),
        ["pk_changes"],
    ),
    "the changes of a batch": (
        lambda session: history.of_batch(session, OWNER, 17, limit=50),
        ["ix_changes_batch"],
    ),
}


def _cursor(session: Session) -> Cursor:
    epoch = session.connection().exec_driver_sql("SELECT epoch FROM feed").scalar()
    return Cursor(str(epoch or ""), EARLY, 0)


@pytest.mark.parametrize("name", ACTS)
def test_what_else_grows_with_a_library_goes_by_its_index(session: Session, name: str) -> None:
    act, indexes = ACTS[name]
    (plan,) = plans(session, lambda: act(session))
    assert sorted(INDEX.findall(plan)) == indexes, plan
    assert not SCANNED.search(plan), plan


def test_a_plan_that_reads_all_would_be_found_out(session: Session) -> None:
    statement = text("SELECT count(*) FROM links WHERE notes = 'x'")
    (plan,) = plans(session, lambda: session.execute(statement))
    assert SCANNED.search(plan)
    assert not INDEX.findall(plan)
