"""A search as PostgreSQL is asked it: what the index can tell as one `tsquery`, dates beside it. Pure."""

from __future__ import annotations

from sqlalchemy import ColumnElement, and_, bindparam, cast, not_, or_
from sqlalchemy.dialects.postgresql import TSQUERY

from linkhold.links import indexing, words
from linkhold.links.indexing import WEIGHTS, quoted
from linkhold.links.language import Added, And, Leaf, Not, Or, Query, Site, State, Tag, Tree, Words
from linkhold.links.models import Link
from linkhold.links.words import Run

# A single letter begins half of all words.
SHORTEST_PREFIX = 2

STATE_MARKS = {"unread": ("unread", True), "read": ("unread", False), "tagged": ("tagged", True)} | {
    "untagged": ("tagged", False),
    "archived": ("archived", True),
    "shared": ("shared", True),
}


def condition(owner: int, query: Query) -> ColumnElement[bool]:
    """Return what a link of the owner must fulfil to be found.

    The trash is left out, unless the search names it.
    """
    parts = query.tree.parts if isinstance(query.tree, And) else (query.tree,)
    indexed = [text for text in (_tsquery(owner, part) for part in parts) if text is not None]
    others = [_clause(owner, part) for part in parts if _tsquery(owner, part) is None]
    scope = quoted(indexing.owner_mark(owner))
    if query.asks_for("trashed"):
        scope = f"({scope} | {quoted(indexing.owner_mark(owner, trashed=True))})"
    return and_(Link.owner_id == owner, _found_by(" & ".join([scope, *indexed])), *others)


def _found_by(tsquery: str) -> ColumnElement[bool]:
    return Link.search.bool_op("@@")(cast(bindparam(None, tsquery), TSQUERY))


def _clause(owner: int, tree: Tree) -> ColumnElement[bool]:
    """Return the condition of a part that has dates in it."""
    text = _tsquery(owner, tree)
    if text is not None:
        return _found_by(text)
    if isinstance(tree, Not):
        return not_(_clause(owner, tree.part))
    if isinstance(tree, And | Or):
        joined = and_ if isinstance(tree, And) else or_
        return joined(*(_clause(owner, part) for part in tree.parts))
    if not isinstance(tree, Added):  # pragma: no cover - every other leaf has a tsquery
        raise TypeError(tree)
    limits = [Link.created_at >= tree.start] if tree.start else []
    return and_(*limits, *([Link.created_at < tree.end] if tree.end else []))


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


def _words(asked: Words) -> str:
    """Return words that follow one another, each as far from the one before as it stands in a text."""
    weight = WEIGHTS[asked.field] if asked.field else ""
    sequence = [(part, step) for run in words.runs(asked.text) for part, step in _parts(run)]
    last, _ = sequence[-1]
    written = [_lexeme(part, weight) for part, _ in sequence]
    if not asked.exact and not words.is_unspaced(last):
        written[-1] = _open_ended(last, weight, alone=len(sequence) == 1)
    found = written[0]
    for (_, step), lexeme in zip(sequence, written[1:], strict=False):
        found += f" <{step}> {lexeme}"
    return f"({found})"


def _parts(run: Run) -> list[tuple[str, int]]:
    """Return what a run is found by, each with the distance to what follows it."""
    if not run.unspaced:
        return [(run.text, 1)]
    pairs = words.pairs(run.text)
    # After the last pair of a run, what follows it begins one character later than another pair would.
    return [(pair, 1) for pair in pairs[:-1]] + [(pairs[-1], len(pairs[-1]))]


def _open_ended(word: str, weight: str, *, alone: bool) -> str:
    """Return a word with what it begins, and, where it stands alone, with its inflections."""
    if len(word) < SHORTEST_PREFIX:
        return _lexeme(word, weight)
    prefix = f"{quoted(word)}:*{weight}"
    stem = words.stem(word)
    return f"({prefix} | {_lexeme(stem, weight)})" if alone and stem != word else prefix


def _lexeme(word: str, weight: str) -> str:
    return f"{quoted(word)}:{weight}" if weight else quoted(word)
