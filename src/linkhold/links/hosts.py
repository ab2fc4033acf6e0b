"""Names of sites as people write them, without `https://` before them. Pure."""

from __future__ import annotations

import re
from functools import cache

from publicsuffixlist import PublicSuffixList

LONGEST_NAME = 253
MARKS = "\u0300-\u036f\u0900-\u0963\u0970-\u0dff"
"""Vowels and accents that are written above, below or beside a letter: for `re` they are not in `\\w`."""
LABEL = re.compile(rf"[^\W_](?:(?:[^\W_]|[{MARKS}-]){{0,61}}(?:[^\W_]|[{MARKS}]))?")
IPV4 = re.compile(r"[0-9]{1,3}(?:\.[0-9]{1,3}){3}")

# Endings of file names that are top-level domains too: `README.md` alone is a file, and
# `lib.rs/crates` is a page. Only those that people write about are here.
FILE_ENDINGS = frozenset({"cc", "md", "mk", "ml", "mov", "pl", "ps", "py", "rs", "sh", "so", "zip"})
SHORTEST_ENDING = 2


@cache
def _suffixes() -> PublicSuffixList:
    """Return Mozilla's list of the suffixes below which anyone can register, read once."""
    return PublicSuffixList(accept_unknown=False, only_icann=True)


def is_site(name: str) -> bool:
    """Tell whether a name with dots in it can be a site's: below a suffix that exists.

    A capital in the last part is a sentence that lacks a space (`done.It`) or a product (`ASP.NET`).
    """
    labels = name.split(".")
    if len(name) > LONGEST_NAME or not all(map(LABEL.fullmatch, labels)):
        return False
    if labels[-1] != labels[-1].lower() and labels[0].lower() != "www":
        return False
    return _suffixes().privatesuffix(name.lower()) is not None


def is_site_by_itself(name: str) -> bool:
    """Tell whether a site's name is surely one when no path follows it.

    It is not when it could be a file (`main.py`), a time or a list's number (`10.am`), or letters with
    dots (`i.am`).
    """
    labels = name.lower().split(".")
    if labels[0] == "www":
        return True
    if labels[-1] in FILE_ENDINGS:
        return False
    short_number = labels[-2].isdigit() and len(labels[-2]) <= SHORTEST_ENDING
    letter = len(labels[-2]) == 1 and len(labels[-1]) == SHORTEST_ENDING
    return not short_number and not letter


def is_machine(name: str) -> bool:
    """Tell whether this is a computer's own address: one in a network at home, or this very one."""
    if name.lower() == "localhost":
        return True
    return IPV4.fullmatch(name) is not None and all(int(part) < 256 for part in name.split("."))  # noqa: PLR2004
