"""Percent-encoding in addresses, undone with a memory of what stood where. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator

ESCAPED = re.compile(r"(?:%[0-9A-Fa-f]{2})+")
ESCAPE = len("%XX")
LONGEST_CHARACTER = 4
UNREADABLE = "\N{REPLACEMENT CHARACTER}"


def undone(text: str) -> tuple[str, list[int]]:
    """Return a text without percent-encoding, and where each of its characters, and its end, was before."""
    plain: list[str] = []
    places: list[int] = []
    at = 0
    for match in ESCAPED.finditer(text):
        plain += text[at : match.start()]
        places += range(at, match.start())
        at = match.start()
        for char, size in _characters(bytes.fromhex(match[0].replace("%", ""))):
            plain.append(char)
            places.append(at)
            at += size * ESCAPE
    plain += text[at:]
    return "".join(plain), [*places, *range(at, len(text) + 1)]


def _characters(data: bytes) -> Iterator[tuple[str, int]]:
    """Yield the characters of UTF-8, each with its size in bytes; what is none is told by a mark."""
    at = 0
    while at < len(data):
        char, size = _first(data[at : at + LONGEST_CHARACTER])
        yield char, size
        at += size


def _first(data: bytes) -> tuple[str, int]:
    for size in range(1, len(data) + 1):
        try:
            return data[:size].decode(), size
        except UnicodeDecodeError:
            continue
    return UNREADABLE, 1
