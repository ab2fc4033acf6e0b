"""The conditions of a search one by one, each with the search that is left without it. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace

from linkhold.links import notation, tags
from linkhold.links.language import Query
from linkhold.links.trees import EVERYTHING, And, Sort, Tag, Tree, joined


@dataclass(frozen=True, slots=True)
class Condition:
    """One of the parts that all must hold, written in the language."""

    text: str
    without: str
    """The search without it."""


def of(query: Query) -> list[Condition]:
    """Return the conditions of a search, in order; none for one that finds everything."""
    if query.tree == EVERYTHING:
        return []
    parts = query.tree.parts if isinstance(query.tree, And) else (query.tree,)
    return [
        Condition(notation.written(part), _without(query, [*parts[:place], *parts[place + 1 :]]))
        for place, part in enumerate(parts)
    ]


def ordered(query: Query, sort: Sort | None) -> str:
    """Return a search in another order, written in the language."""
    return str(replace(query, sort=sort))


def tagged(name: str) -> str:
    """Return the search for a tag, written in the language."""
    return notation.written(Tag(tags.key(name)))


def _without(query: Query, left: list[Tree]) -> str:
    return str(replace(query, tree=joined(And, left)))
