"""What a library holds, counted: by month, by site, by tag and by state; the trash is left out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import text
from sqlalchemy.orm import Session

from linkhold import clock
from linkhold.links import tag_counts
from linkhold.links.tag_counts import TagCount

MONTHS = 24
MONTHS_OF_YEAR = 12
MOST = 15

TOTALS = text("""
    SELECT count(*) AS links, count(*) FILTER (WHERE unread) AS unread,
           count(*) FILTER (WHERE archived) AS archived, count(*) FILTER (WHERE shared) AS shared,
           count(*) FILTER (WHERE tags = '{}') AS untagged
    FROM links WHERE owner_id = :owner_id AND trashed_at IS NULL
""")
BY_MONTH = text("""
    SELECT CAST(date_trunc('month', created_at AT TIME ZONE 'UTC') AS date) AS month, count(*) AS links
    FROM links
    WHERE owner_id = :owner_id AND trashed_at IS NULL
      AND created_at >= CAST(CAST(:since AS date) AS timestamp) AT TIME ZONE 'UTC'
    GROUP BY month
""")
# The identity is canonical: its host is in lower case, and stands behind the second slash. Hosts are
# counted before they are written without www: there are far fewer of them than links.
BY_SITE = text("""
    SELECT CASE WHEN place LIKE 'www.%' THEN substr(place, 5) ELSE place END AS name,
           CAST(sum(links) AS bigint) AS links
    FROM (
        SELECT split_part(identity, '/', 3) AS place, count(*) AS links FROM links
        WHERE owner_id = :owner_id AND trashed_at IS NULL AND identity LIKE '%://%' GROUP BY place
    ) AS places
    WHERE place <> '' GROUP BY name ORDER BY links DESC, name LIMIT :most
""")


@dataclass(frozen=True, slots=True)
class Totals:
    """How many links there are, and how many in each state."""

    links: int
    unread: int
    archived: int
    shared: int
    untagged: int


@dataclass(frozen=True, slots=True)
class Month:
    """How many links were added in a month."""

    first: date
    links: int


@dataclass(frozen=True, slots=True)
class Site:
    """How many links lead to a site."""

    name: str
    links: int


@dataclass(frozen=True, slots=True)
class Statistics:
    """What a library holds."""

    totals: Totals
    months: list[Month]
    """The last two years, the oldest first, without gaps."""
    sites: list[Site]
    tags: list[TagCount]


def count(session: Session, owner: int) -> Statistics:
    """Count a library; this reads all of it."""
    months = _last_months(clock.now().date())
    asked = {"owner_id": owner, "since": months[0], "most": MOST}
    totals = session.execute(TOTALS, asked).mappings().one()
    added = {row.month: row.links for row in session.execute(BY_MONTH, asked)}
    return Statistics(
        totals=Totals(**totals),
        months=[Month(month, added.get(month, 0)) for month in months],
        sites=[Site(row.name, row.links) for row in session.execute(BY_SITE, asked)],
        tags=tag_counts.most_used(session, owner, limit=MOST),
    )


def _last_months(today: date) -> list[date]:
    """Return the first days of the last months, with the one that is under way."""
    last = today.year * MONTHS_OF_YEAR + today.month - 1
    numbers = range(last - MONTHS + 1, last + 1)
    return [date(number // MONTHS_OF_YEAR, number % MONTHS_OF_YEAR + 1, 1) for number in numbers]
