"""How much a search will find, and so which way is quickest; only `load` asks the database.

There are two ways to the newest links that a search finds. One walks down the newest-first index
and looks at each link: quick when much is found. The other asks the index of words and marks, then
fetches and sorts all that it found: quick when little is. PostgreSQL's planner knows both, but
prices reading in order, prefixes and the fetching of scattered rows wrongly by factors of ten
(docs/architecture.md has the measurements), so the choice is made here, from its statistics.
"""

from __future__ import annotations

import bisect
import itertools
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from math import prod

from sqlalchemy import text
from sqlalchemy.orm import Session

from linkhold import clock
from linkhold.links import indexing, matching
from linkhold.links.trees import Added, And, Leaf, Not, Or, Site, State, Tag, Tree, Words

# Measured with a million links, in microseconds: looking at one link in order, fetching one that the
# index found, and reading one entry of the index for a prefix or for a word as a whole.
WALKED, FETCHED, PREFIXED, LISTED = 1.2, 16.0, 0.2, 0.01

# What is assumed of a word that is not among the commonest, when nothing is known at all.
UNKNOWN = 0.0001
FRESH_SECONDS = 60.0
PHRASE = 0.2
"""How much rarer words are one after the other than in one link."""

STATISTICS = text("""
    SELECT (SELECT greatest(reltuples, 0) FROM pg_class WHERE oid = 'links'::regclass),
           most_common_elems::text::text[], most_common_elem_freqs,
           (SELECT histogram_bounds::text::timestamptz[] FROM pg_stats
            WHERE schemaname = current_schema() AND tablename = 'links' AND attname = 'created_at')
    FROM pg_stats WHERE schemaname = current_schema() AND tablename = 'links' AND attname = 'search'
""")


@dataclass(frozen=True, slots=True)
class Statistics:
    """What PostgreSQL's last ANALYZE found: all accounts together."""

    links: float = 0
    lexemes: Sequence[str] = ()
    """The commonest, sorted."""
    sums: Sequence[float] = field(default=(0.0,))
    """How frequent those before each of them are, together: 1 is on every link."""
    rest: float = UNKNOWN
    """How frequent at most all others are."""
    days: Sequence[datetime] = ()
    """Moments between which equally many links were saved."""

    def frequency(self, lexeme: str) -> float:
        """Return which part of all links has a lexeme."""
        at = bisect.bisect_left(self.lexemes, lexeme)
        if at < len(self.lexemes) and self.lexemes[at] == lexeme:
            return self.sums[at + 1] - self.sums[at]
        return self.rest

    def prefix_frequency(self, prefix: str) -> float:
        """Return which part of all links has a lexeme that begins so; it may be overestimated."""
        first = bisect.bisect_left(self.lexemes, prefix)
        last = bisect.bisect_left(self.lexemes, prefix + "\U0010ffff")
        return min(1.0, self.sums[last] - self.sums[first] + self.rest)

    def span(self, period: Added) -> float:
        """Return which part of all links was saved in a period."""
        if not self.days:
            return 1.0
        low = self._rank(period.start) if period.start else 0.0
        high = self._rank(period.end) if period.end else 1.0
        return max(high - low, self.rest)

    def _rank(self, moment: datetime) -> float:
        """Return which part of all links was saved before a moment."""
        at = bisect.bisect_left(self.days, moment)
        if at in {0, len(self.days)}:
            return float(at > 0)
        before, after = self.days[at - 1], self.days[at]
        return (at - 1 + (moment - before) / (after - before)) / (len(self.days) - 1)


def load(session: Session) -> Statistics:
    """Return the statistics that PostgreSQL has; none before its first ANALYZE."""
    row = session.execute(STATISTICS).first()
    if row is None or row[1] is None:
        return Statistics()
    links, lexemes, frequencies, days = row
    # After the frequencies come the lowest and the highest of them.
    known = sorted(zip(lexemes, frequencies[: len(lexemes)], strict=True))
    sums = list(itertools.accumulate((each for _, each in known), initial=0.0))
    return Statistics(links, [lexeme for lexeme, _ in known], sums, frequencies[len(lexemes)] / 2, days or ())


class Fresh:
    """The statistics, asked for again when they are older than a minute; safe to share among threads."""

    def __init__(self) -> None:
        self._known = Statistics()
        self._until = 0.0

    def current(self, session: Session) -> Statistics:
        """Return the statistics of the last minute."""
        now = clock.monotonic()
        if now >= self._until:
            self._until = now + FRESH_SECONDS  # set first: one request loads, the others go on with the old
            self._known = load(session)
        return self._known


@dataclass(frozen=True, slots=True)
class Way:
    """How to search: what is asked of the index, and whether a walk in order is tried before."""

    indexed: tuple[Tree, ...]
    filtered: tuple[Tree, ...]
    mixed: tuple[Tree, ...]
    """Parts with dates in them, which are left to the planner."""
    walk: int
    """How many links to look at in order before the index is asked; 0 to ask it at once."""


@dataclass(frozen=True, slots=True)
class _Part:
    """A part of a search, with which part of all links it finds and what reading it costs."""

    tree: Tree
    frequency: float
    cost: float


# What walking may cost before it is worth a thought, in links.
SHORTEST_WALK = 2000
PATIENCE = 4
"""A walk is given up when it took so many times what was expected: the links lie unevenly."""


def choose(statistics: Statistics, owner: int, tree: Tree, *, wanted: int) -> Way:
    """Return the way to the first `wanted` links that a search finds."""
    parts = matching.conjuncts(tree)
    periods = [part for part in parts if isinstance(part, Added)]
    parts = tuple(part for part in parts if not isinstance(part, Added))
    dated = tuple(part for part in parts if matching.has_date(part))
    measured = [_measured(statistics, part) for part in parts if not matching.has_date(part)]
    own = statistics.links * statistics.frequency(indexing.owner_mark(owner))
    own *= prod(statistics.span(period) for period in periods)
    indexed, filtered, found, index_cost = _split(measured, own)
    matched = prod((_frequency(statistics, part) for part in parts), start=1.0)
    expected = min(wanted / matched if matched else own, own)
    walk = 0
    found *= prod(_frequency(statistics, part) for part in dated)
    if WALKED * expected < index_cost + FETCHED * found:
        walk = max(SHORTEST_WALK, round(PATIENCE * expected))
    return Way(indexed, filtered, dated, walk)


def _split(parts: list[_Part], own: float) -> tuple[tuple[Tree, ...], tuple[Tree, ...], float, float]:
    """Part what the index is asked from what is looked at link by link.

    Returns both, how many links the index then finds, and what asking it costs. A further part is
    worth asking for when reading it costs less than fetching the links that it rules out.
    """
    found, cost = own, 0.0
    indexed: list[Tree] = []
    filtered: list[Tree] = []
    for part in sorted(parts, key=lambda each: each.frequency):
        spared = FETCHED * found * (1 - part.frequency)
        if part.cost < spared:
            indexed.append(part.tree)
            found *= part.frequency
            cost += part.cost
        else:
            filtered.append(part.tree)
    return tuple(indexed), tuple(filtered), found, cost


def _measured(statistics: Statistics, tree: Tree) -> _Part:
    return _Part(tree, _frequency(statistics, tree), statistics.links * _read(statistics, tree))


def _frequency(statistics: Statistics, tree: Tree) -> float:
    match tree:
        case Not(part):
            return max(1 - _frequency(statistics, part), statistics.rest)
        case And(parts):
            return prod(_frequency(statistics, part) for part in parts)
        case Or(parts):
            return 1 - prod(1 - _frequency(statistics, part) for part in parts)
        case _:
            return _leaf(statistics, tree)


def _leaf(statistics: Statistics, leaf: Leaf) -> float:
    match leaf:
        case Words():
            return _words(statistics, leaf)
        case Tag(key):
            return statistics.frequency(indexing.tag_mark(key))
        case Site(domain):
            return statistics.frequency(indexing.site_mark(domain))
        case State(name):
            mark, has = matching.STATE_MARKS.get(name, ("", True))
            frequency = statistics.frequency(indexing.state_mark(mark))
            return frequency if has else 1 - frequency
        case Added():
            return statistics.span(leaf)


def _words(statistics: Statistics, asked: Words) -> float:
    found = matching.sequence(asked)
    each = [
        statistics.prefix_frequency(lexeme.text) if lexeme.prefix else statistics.frequency(lexeme.text)
        for lexeme in found
    ]
    stem = matching.inflected(asked)
    if stem:
        return max(each[0], statistics.frequency(indexing.stem_entry(stem)))
    return prod(each) * (PHRASE if len(each) > 1 else 1)


def _read(statistics: Statistics, tree: Tree) -> float:
    """Return what reading a part's entries of the index costs, for each link of the table."""
    if isinstance(tree, Not):
        return _read(statistics, tree.part)
    if isinstance(tree, And | Or):
        return sum(_read(statistics, part) for part in tree.parts)
    if not isinstance(tree, Words):
        return LISTED * _frequency(statistics, tree)
    return sum(
        PREFIXED * statistics.prefix_frequency(lexeme.text)
        if lexeme.prefix
        else LISTED * statistics.frequency(lexeme.text)
        for lexeme in matching.sequence(tree)
    )
