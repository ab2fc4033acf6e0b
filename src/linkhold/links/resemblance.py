"""Which links a person would call the same though their identities differ. Pure.

Looser than the identity, and wrong now and then: it suggests what to look at, and decides nothing.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from difflib import SequenceMatcher
from itertools import groupby
from typing import TypeAlias

Piece: TypeAlias = tuple[str, bool]
"""A part of a URL, and whether it is one in which it differs from the others."""

PART = re.compile(r"\w+|\W")
LONGEST_COMPARED = 300
"""How much of a URL is compared: the time that it takes grows with the square of its parts."""

# Hosts under which sites show the same pages again, for phones or for no reason.
INSIDE = re.compile(r"\.(?:m|mobile)\.(?=[^.]+\.[^.])")
PREFIX = re.compile(r"^(?:www\d?|m|mobile|amp|touch)\.(?=[^.]+\.)")
INDEX = re.compile(r"/(?:index|default)\.(?:html?|php|aspx?)$")


def loosened(identity: str) -> str:
    """Return an identity without scheme, `www.` and the like, fragment, trailing slash and case."""
    address = identity.partition("://")[2].partition("#")[0].lower()
    place, _, rest = address.partition("/")
    path, mark, query = rest.partition("?")
    path = INDEX.sub("", f"/{path}").rstrip("/")
    return f"{PREFIX.sub('', INSIDE.sub('.', place))}{path}{mark}{query}"


def number(identity: str) -> int:
    """Return 63 bits that links which resemble one another share, and hardly any others."""
    return int.from_bytes(hashlib.sha256(loosened(identity).encode()).digest()[:8]) >> 1


def apart(urls: Sequence[str]) -> list[list[Piece]]:
    """Return URLs in pieces, of which those are marked that are not the same in all."""
    parts = [PART.findall(url[:LONGEST_COMPARED]) for url in urls]
    first = parts[0] if parts else []
    marks = [[False] * len(each) for each in parts]
    for at in range(1, len(parts)):
        for kind, a, b, c, d in SequenceMatcher(None, first, parts[at], autojunk=False).get_opcodes():
            if kind != "equal":
                marks[0][a:b] = [True] * (b - a)
                marks[at][c:d] = [True] * (d - c)
    found = [_joined(each, marked) for each, marked in zip(parts, marks, strict=True)]
    return [
        [*pieces, (url[LONGEST_COMPARED:], False)] if len(url) > LONGEST_COMPARED else pieces
        for pieces, url in zip(found, urls, strict=True)
    ]


def _joined(parts: list[str], marks: list[bool]) -> list[Piece]:
    """Join neighbours that are both marked, or both not."""
    together = groupby(zip(parts, marks, strict=True), key=lambda pair: pair[1])
    return [("".join(part for part, _ in some), marked) for marked, some in together]
