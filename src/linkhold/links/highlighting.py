"""Where a link has what was searched: fragments of its texts with the places of the words. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from linkhold.links import escapes, matching, words
from linkhold.links.language import Query
from linkhold.links.trees import And, Or, Tree, Words

# How much text stands around the first hit of a long one, in characters.
BEFORE, LONGEST = 60, 240
MOST_READ = 100_000

# A candidate: what may be a word, read as `words` reads it. An emoji is one, and no character of a word.
CANDIDATE = re.compile(r"[^\W_]+(?:[\u0300-\u036f]+[^\W_]*)*|[^\w\s\x00-\x7f]")


@dataclass(frozen=True, slots=True)
class Fragment:
    """A part of one of a link's texts, with where in it the hits begin and end, in characters."""

    field: str
    text: str
    marks: list[tuple[int, int]]


@dataclass(frozen=True, slots=True)
class _Wanted:
    """What is looked for in one field, or in all."""

    field: str | None
    lexemes: tuple[matching.Lexeme, ...]
    stem: str | None


def fragments(query: Query, texts: dict[str, str]) -> list[Fragment]:
    """Return the fragments of a link's texts (title, url, description, notes) in which a search hits."""
    wanted = list(_wanted(query.tree))
    found = []
    for field, text in texts.items():
        mine = [each for each in wanted if each.field in {None, field}]
        marks = list(_marks_in(field, text[:MOST_READ], mine)) if mine else []
        if marks:
            found.append(_cut(field, text, marks))
    return found


def _wanted(tree: Tree) -> Iterator[_Wanted]:
    if isinstance(tree, And | Or):
        for part in tree.parts:
            yield from _wanted(part)
    elif isinstance(tree, Words):
        yield _Wanted(tree.field, tuple(matching.sequence(tree)), matching.inflected(tree))


def _marks_in(field: str, text: str, wanted: list[_Wanted]) -> Iterator[tuple[int, int]]:
    if field != "url" or "%" not in text:
        yield from _marks(text, wanted)
        return
    # An address is found by what its percent-encoding stands for, and shown as it is.
    plain, places = escapes.undone(text)
    for start, end in _marks(plain, wanted):
        yield places[start], places[end]


def _marks(text: str, wanted: list[_Wanted]) -> Iterator[tuple[int, int]]:
    for candidate in CANDIDATE.finditer(text):
        for run in words.runs(candidate[0]):
            if run.unspaced:
                yield from _unspaced_marks(candidate, wanted)
                break
            if any(_hits(run.text, each) for each in wanted):
                yield candidate.span()
                break


def _hits(word: str, wanted: _Wanted) -> bool:
    if wanted.stem is not None and words.stem(word) == wanted.stem:
        return True
    return any(
        word.startswith(lexeme.text) if lexeme.prefix else word == lexeme.text for lexeme in wanted.lexemes
    )


def _unspaced_marks(candidate: re.Match[str], wanted: list[_Wanted]) -> Iterator[tuple[int, int]]:
    """Mark what is found in a text without spaces, unless folding it moved its characters."""
    plain = words.folded(candidate[0])
    if len(plain) != len(candidate[0]):
        return
    places = {
        place
        for each in wanted
        for lexeme in each.lexemes
        for start in range(len(plain))
        if plain.startswith(lexeme.text, start)
        for place in range(start, start + len(lexeme.text))
    }
    first = None
    for at in range(len(plain) + 1):
        if at in places and first is None:
            first = at
        elif at not in places and first is not None:
            yield candidate.start() + first, candidate.start() + at
            first = None


def _cut(field: str, text: str, marks: list[tuple[int, int]]) -> Fragment:
    """Return the surroundings of the first hit, from a space to a space where there is one."""
    if len(text) <= LONGEST:
        return Fragment(field, text, marks)
    start = max(0, marks[0][0] - BEFORE)
    if start:
        space = text.find(" ", start, marks[0][0])
        start = space + 1 if space >= 0 else start
    end = start + LONGEST
    kept = [(first - start, last - start) for first, last in marks if first >= start and last <= end]
    return Fragment(field, text[start:end], kept)
