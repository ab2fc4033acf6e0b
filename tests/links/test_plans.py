"""By which plan searches are answered: a regression in the plan fails here, whatever the clock says."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from linkhold.accounts.models import Account
from linkhold.links import language, search
from linkhold.links.estimating import Statistics
from linkhold.links.models import Link

MakeLink = Callable[..., Link]

# Statistics by which the index is always asked, and by which the library is always walked.
SELECTIVE = Statistics(links=1e9, rest=1e-9, lexemes=[], sums=[0.0])
COMMON = Statistics(links=1e6, rest=0.9)

FILL = text("""
    INSERT INTO links (owner_id, url, identity, identity_hash, identity_version, title, description, notes,
                       tags, unread, archived, shared, created_at, changed_at, version, title_key, resembles,
                       search)
    SELECT :owner_id, n, n, sha256(n::bytea), 1, '', '', '', '{}', false, false, false, now(), now(), 1, '',
           0, CAST(:mark AS tsvector)
    FROM (SELECT CAST(n AS text) AS n FROM generate_series(1, 5000) AS n) AS numbers
""")
PLANS = [
    # What is asked, by which index it must be answered.
    ("rare", SELECTIVE, "ix_links_search"),
    ("#rare site:a.example", SELECTIVE, "ix_links_search"),
    ("common", COMMON, "ix_links_newest"),
    ("", COMMON, "ix_links_newest"),
    ("common sort:title", COMMON, "ix_links_title"),
    ("common sort:changed", COMMON, "ix_links_changed"),
    ("added:2025-03 common", COMMON, "ix_links_newest"),
]


@pytest.mark.parametrize(("typed", "statistics", "index"), PLANS)
def test_the_plan_of_each_kind_of_search(
    session: Session,
    account: Account,
    make_link: MakeLink,
    typed: str,
    statistics: Statistics,
    index: str,
) -> None:
    """A regression in the plan fails here, whatever the clock says."""
    make_link(account, title="rare")
    session.execute(FILL, {"owner_id": account.id, "mark": f"'@{account.id}' 'filler'"})
    session.execute(text("ANALYZE links"))
    # With so few rows PostgreSQL would rather read them all; a large library has no such choice.
    session.execute(text("SET LOCAL enable_seqscan = off"))
    session.execute(text("SET LOCAL enable_sort = off"))
    plans = []
    execute = session.execute

    def explained(statement: object, *args: object, **kwargs: object) -> object:
        compiled = statement.compile(session.connection(), compile_kwargs={"literal_binds": True})  # type: ignore[attr-defined]
        plans.append("\n".join(session.connection().exec_driver_sql(f"EXPLAIN {compiled}").scalars()))
        return execute(statement, *args, **kwargs)  # type: ignore[call-overload]

    session.execute = explained  # type: ignore[assignment,method-assign]
    search.find(session, account.id, language.parse(typed), limit=10, statistics=statistics)
    assert index in plans[0], plans[0]
