"""What the library page shows: a search as it was understood, and a page of what it finds."""

from __future__ import annotations

from dataclasses import dataclass, replace

from linkhold.doors import current
from linkhold.doors.web import shown
from linkhold.doors.web.shown import Hits
from linkhold.links import conditions, language, search
from linkhold.links.conditions import Condition
from linkhold.links.language import Query
from linkhold.links.places import Place
from linkhold.links.search import Found, FoundLink
from linkhold.links.trees import EVERYTHING, SORTS, Not, Sort, State, Words, leaves

PAGE = 50
OUT_OF_THE_WAY = Not(State("archived"))


@dataclass(frozen=True, slots=True)
class Listing:
    """A page of the library."""

    text: str
    """The search as it was typed."""
    query: Query
    found: Found
    after: str | None
    """The cursor that this page begins at."""

    @property
    def conditions(self) -> list[Condition]:
        """The conditions of the search, each of which can be taken away."""
        return conditions.of(self.query)

    @property
    def sort(self) -> Sort:
        """The order of the list."""
        return self.query.sort or "added"

    @property
    def sorts(self) -> list[tuple[Sort, str]]:
        """The orders there are, each with the search in that order."""
        plain: Sort = "added"
        return [
            (sort, conditions.ordered(self.query, None if sort == plain else sort))
            for sort in SORTS
            if sort != "relevance" or self._has_words
        ]

    def hits(self, link: FoundLink) -> Hits:
        """Return where the search hits a link."""
        return shown.hits(self.query, link) if self._has_words else Hits()

    @property
    def _has_words(self) -> bool:
        return any(isinstance(leaf, Words) for leaf in leaves(self.query.tree))


def wanted(query: Query) -> Query:
    """Return what is looked for: who looks for nothing sees all that is not out of the way."""
    return replace(query, tree=OUT_OF_THE_WAY) if query.tree == EVERYTHING else query


def find(text: str, after: str | None) -> Listing:
    """Return a page of what a search finds in the caller's library; raises `BadInput` for a bad cursor."""
    query = language.parse(text)
    runtime, owner = current.runtime(), current.caller().account_id
    place = Place.parse(after) if after else None
    with runtime.reading() as session:
        statistics = runtime.statistics.current(session)
        found = search.find(session, owner, wanted(query), limit=PAGE, after=place, statistics=statistics)
    return Listing(text, query, found, after)
