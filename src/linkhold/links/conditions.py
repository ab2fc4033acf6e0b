"""The conditions of a search one by one, each with the search that is left without it. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace

from linkhold.links import tags
from linkhold.links.language import EVERYTHING, And, Query, Sort, Tag, Tree


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
        Condition(_written(part), str(replace(query, tree=_joined([*parts[:place], *parts[place + 1 :]]))))
        for place, part in enumerate(parts)
    ]


def ordered(query: Query, sort: Sort | None) -> str:
    """Return a search in another order, written in the language."""
    return str(replace(query, sort=sort))


def tagged(name: str) -> str:
    """Return the search for a tag, written in the language."""
    return _written(Tag(tags.key(name)))


def _joined(parts: list[Tree]) -> Tree:
    return parts[0] if len(parts) == 1 else And(tuple(parts))


def _written(tree: Tree) -> str:
    return str(Query(tree, None, ()))
