"""What a search says, as a tree: words, tags, sites, states and dates, joined by and, or, not. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, TypeAlias

STATES = ("unread", "read", "archived", "shared", "trashed", "tagged", "untagged")
Sort: TypeAlias = Literal["added", "changed", "title", "relevance"]
SORTS: tuple[Sort, ...] = ("added", "changed", "title", "relevance")


@dataclass(frozen=True, slots=True)
class Words:
    """Words one after the other; one alone also stands for its inflections, the last for what it begins."""

    text: str
    field: str | None = None
    exact: bool = False
    """Between quotation marks: these words and no others."""


@dataclass(frozen=True, slots=True)
class Tag:
    """A tag, by its key, and all below it."""

    key: str


@dataclass(frozen=True, slots=True)
class Site:
    """A host, and all below it."""

    domain: str


@dataclass(frozen=True, slots=True)
class State:
    """One of `STATES`."""

    name: str


@dataclass(frozen=True, slots=True)
class Added:
    """Saved at or after `start` and before `end`; None is no limit, and one of the two is there."""

    start: datetime | None
    end: datetime | None
    text: str
    """As it is written in the language."""


@dataclass(frozen=True, slots=True)
class Not:
    """All but these."""

    part: Tree


@dataclass(frozen=True, slots=True)
class And:
    """What all parts find; with no parts, everything."""

    parts: tuple[Tree, ...]


@dataclass(frozen=True, slots=True)
class Or:
    """What any part finds."""

    parts: tuple[Tree, ...]


Leaf: TypeAlias = Words | Tag | Site | State | Added
Tree: TypeAlias = Leaf | Not | And | Or

EVERYTHING = And(())


def leaves(tree: Tree) -> list[Leaf]:
    """Return all leaves of a tree, in order."""
    if isinstance(tree, Not):
        return leaves(tree.part)
    if isinstance(tree, And | Or):
        return [leaf for part in tree.parts for leaf in leaves(part)]
    return [tree]


def joined(kind: type[And | Or], parts: Sequence[Tree | None]) -> Tree:
    """Return the parts that are there as one tree, without needless levels; everything if none is."""
    flat: list[Tree] = []
    for part in parts:
        if part is None:
            continue
        flat.extend(part.parts if isinstance(part, kind) else (part,))
    return flat[0] if len(flat) == 1 else kind(tuple(flat)) if flat else EVERYTHING
