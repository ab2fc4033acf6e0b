"""Neighbours: how phrases are found in a text that is too long for the places of its words. Pure.

PostgreSQL keeps 255 places of a word, and none beyond the 16,383rd: in a long text `the <1> needle`
finds nothing. So the index of such a link, and of no other, has entries for what stands side by side as
well: two words with a space between, three characters of a script without spaces.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from linkhold.links import words

LONG = "long"
"""The mark of links that have these entries."""
MOST_BYTES = 400_000
"""Beside the words, which have 600,000 of the megabyte that PostgreSQL allows."""


def pair(first: str, second: str) -> str:
    """Return the entry of two words, one after the other."""
    return f"{first} {second}"


def triple(first: str, second: str) -> str:
    """Return the entry of three characters, from the two pairs that they are."""
    return first + second[-1]


def entries(texts: Iterable[tuple[str, str]], room: int) -> list[str]:
    """Return the neighbours in texts with their weights, in PostgreSQL's notation, while there is room."""
    most = min(room, MOST_BYTES)
    found: dict[str, str] = {}
    size = 0
    # All that an entry's place tells is the weight of its text.
    for place, (text, weight) in enumerate(texts, start=1):
        at = f"{place}{weight}"
        for entry in _neighbours(text):
            if size > most:
                break
            known = found.get(entry)
            if known is None:
                found[entry] = at
                size += 8 + len(entry.encode())
            elif not known.endswith(at):
                found[entry] = f"{known},{at}"
                size += 4
    return [f"'{entry}':{places}" for entry, places in found.items()]


def _neighbours(text: str) -> Iterator[str]:
    before: str | None = None
    for run in words.runs(text):
        if run.unspaced:
            pairs = words.pairs(run.text)
            yield from map(triple, pairs, pairs[1:])
            before = None
            continue
        if before is not None:
            yield pair(before, run.text)
        before = run.text
