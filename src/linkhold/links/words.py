"""Words: what a text is found by. Pure.

The same function reads what is kept and what is asked, so that the two always agree. Case and
accents are gone, a word is a run of letters and digits, and an emoji is a word. Where people write
without spaces (Chinese, Japanese, Korean, Thai and others) each character and each pair of
neighbours is a word, so that any part of such a text is found.
"""

from __future__ import annotations

import re
import threading
import unicodedata
from collections.abc import Iterator
from typing import NamedTuple

import Stemmer

LONGEST_WORD = 64
"""Characters of a word that count. What is longer is an encoded blob, and its beginning finds it."""

# Letters that Unicode does not take apart into a letter and an accent.
PLAIN = str.maketrans(
    {"ø": "o", "ł": "l", "đ": "d", "ð": "d", "ħ": "h", "ı": "i", "ŧ": "t", "þ": "th", "æ": "ae", "œ": "oe"}
)
# Marks of Latin, Greek, Cyrillic, Hebrew and Arabic, which people leave out when they search. Those of
# Indian scripts and of kana are letters in their own right, and stay.
ACCENTS = re.compile("[\u0300-\u036f\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u064b-\u0655\u0670]")

# Scripts without spaces between words, and Korean, whose words carry their endings with them: Thai,
# Lao, Burmese, jamo, Khmer, kana, bopomofo, hangul, and the ideographs with their extensions.
UNSPACED = re.compile(
    "([\u0e00-\u0eff\u1000-\u109f\u1100-\u11ff\u1780-\u17ff\u3005-\u3007\u3041-\u309f\u30a1-\u30fa\u30fc-\u318e"
    "\u31a0-\u31bf\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\ua960-\ua97f\uac00-\ud7ff\uf900-\ufaff"
    "\U0001b000-\U0001b16f\U00020000-\U0003ffff]+)"
)


class Run(NamedTuple):
    """A word, or a run of an unspaced script, whose parts are words.

    A tuple, because twenty of them are made for each save: a frozen dataclass takes thrice as long.
    """

    text: str
    unspaced: bool = False


class _Separators(dict[int, str | None]):
    """Tells `str.translate` what becomes of a character: itself, a space, or a word of its own.

    It learns as it goes, and only what is neither an ideograph nor unassigned: thousands, not a million.
    """

    def __missing__(self, code: int) -> str:
        char = chr(code)
        category = unicodedata.category(char)
        if category[0] in "LNM":
            kept = char
        elif category == "So":  # an emoji, or another symbol that stands for something
            kept = f" {char} "
        else:
            kept = " "
        if category not in {"Lo", "Cn", "Co"}:
            self[code] = kept
        return kept


# Between the parts of an emoji stand invisible characters, which count for nothing.
SEPARATORS = _Separators({0xFE0E: None, 0xFE0F: None, 0x200D: " ", 0xAD: None, 0x200B: " ", 0x200C: None})


def folded(text: str) -> str:
    """Return a text without what does not matter: case, accents, and how a character is encoded."""
    if text.isascii():
        return text.lower()
    bare = ACCENTS.sub("", unicodedata.normalize("NFKD", text.casefold()))
    return unicodedata.normalize("NFKC", bare).translate(PLAIN).casefold()


def plain(text: str) -> list[str] | None:
    """Return the words of a text that is ASCII and so has no runs of another kind; None for any other."""
    return [piece[:LONGEST_WORD] for piece in _pieces(text)] if text.isascii() else None


def runs(text: str) -> Iterator[Run]:
    """Yield the words of a text in order, and its runs of unspaced scripts whole."""
    for piece in _pieces(text):
        if piece.isascii() or UNSPACED.search(piece) is None:
            yield Run(piece[:LONGEST_WORD])
            continue
        # With one group, every second part is what the pattern matched.
        for number, part in enumerate(UNSPACED.split(piece)):
            if part:
                yield Run(part, unspaced=True) if number % 2 else Run(part[:LONGEST_WORD])


def _pieces(text: str) -> list[str]:
    return folded(text).translate(SEPARATORS).split()


def pairs(run: str) -> list[str]:
    """Return what a run of an unspaced script is found by: its pairs of neighbours, or its one character."""
    return [run[at : at + 2] for at in range(len(run) - 1)] or [run]


def is_unspaced(word: str) -> bool:
    """Tell whether a word is of a script without spaces."""
    return not word.isascii() and UNSPACED.match(word) is not None


class _English(threading.local):
    """A stemmer for each thread: they are not made to be shared."""

    def __init__(self) -> None:
        self.stem = Stemmer.Stemmer("english", maxCacheSize=0).stemWord


_english = _English()


def stem(word: str) -> str:
    """Return what the inflections of an English word have in common (Snowball's `english`)."""
    # Identifiers and numbers have no inflections.
    return str(_english.stem(word)) if word.isalpha() and word.isascii() else word
