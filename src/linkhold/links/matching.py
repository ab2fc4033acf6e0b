"""A search as PostgreSQL is asked it: what the index can tell as one `tsquery`, dates beside it.

It makes conditions and asks nobody: whoever runs them is elsewhere.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TypeAlias

from sqlalchemy import Boolean, ColumnElement, and_, bindparam, cast, func, not_, or_
from sqlalchemy.dialects.postgresql import TSQUERY
from sqlalchemy.orm.util import AliasedClass

from linkhold.links import indexing, neighbours, words
from linkhold.links.indexing import WEIGHTS, quoted
from linkhold.links.models import Link
from linkhold.links.trees import Added, And, Leaf, Not, Or, Site, State, Tag, Tree, Words, leaves
from linkhold.links.words import Run

# A single letter begins half of all words.
SHORTEST_PREFIX = 2

Links: TypeAlias = type[Link] | AliasedClass[Link]
"""The table, or a part of it by the same names."""

STATE_MARKS = {"unread": ("unread", True), "read": ("unread", False), "tagged": ("tagged", True)} | {
    "untagged": ("tagged", False),
    "archived": ("archived", True),
    "shared": ("shared", True),
}


def conjuncts(tree: Tree) -> tuple[Tree, ...]:
    """Return the parts that all must hold."""
    return tree.parts if isinstance(tree, And) else (tree,)


def indexed(owner: int, parts: Sequence[Tree], *, trashed: bool) -> ColumnElement[bool]:
    """Return a condition that the index answers: the owner's links for which all parts hold.

    No part may have a date in it (`has_date`). The trash is left out unless `trashed`.
    """
    scope = quoted(indexing.owner_mark(owner))
    if trashed:
        scope = f"({scope} | {quoted(indexing.owner_mark(owner, trashed=True))})"
    texts = [_tsquery(owner, part) for part in parts]
    return Link.search.bool_op("@@")(_query(" & ".join([scope, *filter(None, texts)])))


def filtered(owner: int, parts: Sequence[Tree], of: Links = Link) -> list[ColumnElement[bool]]:
    """Return conditions on parts of any kind, to be looked at link by link: the index is not asked."""
    return [_clause(owner, part, of, looking=True) for part in parts]


def mixed(owner: int, parts: Sequence[Tree]) -> list[ColumnElement[bool]]:
    """Return conditions on parts with dates in them, for which the planner may combine indexes."""
    return [_clause(owner, part, Link, looking=False) for part in parts]


def ranking(tree: Tree) -> ColumnElement[str] | None:
    """Return what relevance is measured by: the words that are asked for; None when there are none."""
    wanted = [_words(leaf) for leaf in _wanted(tree)]
    return _query(" | ".join(wanted)) if wanted else None


def _wanted(tree: Tree) -> list[Words]:
    if isinstance(tree, And | Or):
        return [leaf for part in tree.parts for leaf in _wanted(part)]
    return [tree] if isinstance(tree, Words) else []


def period(tree: Tree) -> list[ColumnElement[bool]]:
    """Return the limits in time within which all lies that a search can find."""
    return [limit for part in conjuncts(tree) if isinstance(part, Added) for limit in _limits(part, Link)]


def has_date(tree: Tree) -> bool:
    """Tell whether a part asks for a date, of which the index knows nothing."""
    return any(isinstance(leaf, Added) for leaf in leaves(tree))


def _query(tsquery: str) -> ColumnElement[str]:
    return cast(bindparam(None, tsquery), TSQUERY)


def _clause(owner: int, tree: Tree, of: Links, *, looking: bool) -> ColumnElement[bool]:
    text = _tsquery(owner, tree)
    if text is not None:
        if not looking:
            return of.search.bool_op("@@")(_query(text))
        # The function that stands behind @@, by its name: the planner does not try the index for it.
        return func.ts_match_vq(of.search, _query(text), type_=Boolean)
    if isinstance(tree, Not):
        return not_(_clause(owner, tree.part, of, looking=looking))
    if isinstance(tree, And | Or):
        joined = and_ if isinstance(tree, And) else or_
        return joined(*(_clause(owner, part, of, looking=looking) for part in tree.parts))
    if not isinstance(tree, Added):  # pragma: no cover - every other leaf has a tsquery
        raise TypeError(tree)
    return and_(*_limits(tree, of))


def _limits(period: Added, of: Links) -> list[ColumnElement[bool]]:
    limits: list[ColumnElement[bool]] = [of.created_at >= period.start] if period.start else []
    return [*limits, of.created_at < period.end] if period.end else limits


def _tsquery(owner: int, tree: Tree) -> str | None:
    """Return a part in PostgreSQL's notation of text search; None when there is a date in it."""
    if isinstance(tree, Not):
        text = _tsquery(owner, tree.part)
        return None if text is None else f"!({text})"
    if isinstance(tree, And | Or):
        texts = [text for text in (_tsquery(owner, part) for part in tree.parts) if text is not None]
        if not texts or len(texts) < len(tree.parts):
            return None
        return "(" + (" & " if isinstance(tree, And) else " | ").join(texts) + ")"
    return _leaf(owner, tree)


def _leaf(owner: int, leaf: Leaf) -> str | None:
    match leaf:
        case Tag(key):
            return quoted(indexing.tag_mark(key))
        case Site(domain):
            return quoted(indexing.site_mark(domain))
        case State("trashed"):
            return quoted(indexing.owner_mark(owner, trashed=True))
        case State(name):
            mark, has = STATE_MARKS[name]
            return f"{'' if has else '!'}{quoted(indexing.state_mark(mark))}"
        case Words():
            return _words(leaf)
        case Added():
            return None


@dataclass(frozen=True, slots=True)
class Lexeme:
    """An entry of the index, or, as a prefix, all that begin so; and how far on the next one stands."""

    text: str
    prefix: bool = False
    step: int = 1


def sequence(asked: Words) -> list[Lexeme]:
    """Return what stands one after the other in a link that has these words."""
    found = [lexeme for run in words.runs(asked.text) for lexeme in _of_run(run)]
    last = found[-1]
    if not asked.exact and len(last.text) >= SHORTEST_PREFIX and not words.is_unspaced(last.text):
        found[-1] = Lexeme(last.text, prefix=True)
    return found


def inflected(asked: Words) -> str | None:
    """Return the stem of a word that stands alone; None for anything else."""
    found = sequence(asked)
    return words.stem(found[0].text) if len(found) == 1 and found[0].prefix else None


def _of_run(run: Run) -> list[Lexeme]:
    if not run.unspaced:
        return [Lexeme(run.text)]
    pairs = words.pairs(run.text)
    # What follows a run begins one character later after its last pair than another pair would.
    return [*map(Lexeme, pairs[:-1]), Lexeme(pairs[-1], step=len(pairs[-1]))]


def _words(asked: Words) -> str:
    weight = WEIGHTS[asked.field] if asked.field else ""
    found = sequence(asked)
    written = _lexeme(found[0], weight)
    for before, lexeme in pairwise(found):
        written += f" <{before.step}> {_lexeme(lexeme, weight)}"
    if len(found) > 1:
        side_by_side = (_neighbours(before, lexeme, weight) for before, lexeme in pairwise(found))
        written += f" | {' & '.join(side_by_side)}"
    stem = inflected(asked)
    if stem is not None:
        others = dict.fromkeys((indexing.stem_entry(stem), stem))
        written = " | ".join(
            [written, *(_lexeme(Lexeme(each), weight) for each in others if each != found[0].text)]
        )
    return f"({written})"


def _neighbours(before: Lexeme, lexeme: Lexeme, weight: str) -> str:
    """Return what says of a long link that two lexemes stand side by side; other links have no such entry."""
    if not words.is_unspaced(before.text) and not words.is_unspaced(lexeme.text):
        return _lexeme(replace(lexeme, text=neighbours.pair(before.text, lexeme.text)), weight)
    if len(before.text) > before.step:
        return _lexeme(Lexeme(neighbours.triple(before.text, lexeme.text)), weight)
    # Where two scripts meet there is no entry: that a long link has both has to do.
    long = quoted(indexing.state_mark(neighbours.LONG))
    return f"{long} & {_lexeme(before, weight)} & {_lexeme(lexeme, weight)}"


def _lexeme(lexeme: Lexeme, weight: str) -> str:
    options = ("*" if lexeme.prefix else "") + weight
    return f"{quoted(lexeme.text)}:{options}" if options else quoted(lexeme.text)
