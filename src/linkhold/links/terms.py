"""The terms of a search: what follows `title:`, `site:`, `is:`, `added:` and the like. Pure.

What makes no sense is told by a remark, and is None or read as something else.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import TypeAlias

from ada_url import URL

from linkhold.errors import NotALink
from linkhold.links import indexing, periods, tags, words
from linkhold.links.identity import identify
from linkhold.links.trees import SORTS, STATES, Added, Leaf, Site, Sort, State, Tag, Words

OPERATORS = frozenset({"and", "or", "not"})
FIELDS = ("title", "url", "notes")


@dataclass(frozen=True, slots=True)
class Value:
    """What was typed for a term."""

    text: str
    exact: bool = False
    """Whether it stood between quotation marks."""


Remark: TypeAlias = Callable[[str], None]
Reader: TypeAlias = Callable[[Value, Remark], Leaf | None]


def named(name: str, value: Value, remark: Remark) -> Leaf | None:
    """Read `name:value`; a name that means nothing is a word like any other."""
    if name in FIELDS:
        return _of_field(name, value, remark)
    if name in READERS:
        return READERS[name](value, remark)
    return text(Value(f"{name}:{value.text}"), remark)


def word(value: Value, remark: Remark) -> Leaf | None:
    """Read a word that stands alone."""
    if value.text.lower() in {"!unread", "!untagged"}:  # linkding's
        return State(value.text[1:].lower())
    return text(value, remark)


def text(value: Value, remark: Remark, *, field: str | None = None) -> Words | None:
    """Read words that are looked for in one field, or anywhere."""
    found = _words(value, field)
    if found is None:
        remark(f"There is nothing to look for in “{value.text.strip()}”.")
    return found


def address(value: Value, remark: Remark) -> Words | None:
    """Read a URL as the links are found that it leads to: by the words of its identity, or by its own."""
    try:
        read = indexing.address_text(identify(value.text, None).text)
    except NotALink:
        read = value.text.partition("://")[2]
    return text(Value(read, value.exact), remark, field="url")


def tag(value: Value, remark: Remark) -> Tag | None:
    """Read the name of a tag."""
    key = tags.key(tags.tidy(value.text))
    if not key:
        remark("A tag without a name was passed over.")
        return None
    return Tag(key)


def sort(value: Value, remark: Remark) -> Sort | None:
    """Read the name of an order."""
    for known in SORTS:
        if known == value.text.lower():
            return known
    remark(f"“sort:{value.text}” is none of {', '.join(SORTS)} and was passed over.")
    return None


def _words(value: Value, field: str | None = None) -> Words | None:
    found = " ".join(run.text for run in words.runs(value.text))
    return Words(found, field, value.exact or found in OPERATORS) if found else None


def _of_field(name: str, value: Value, remark: Remark) -> Words | None:
    if name == "url" and "://" in value.text:
        return address(value, remark)
    if value.text.strip():
        return text(value, remark, field=name)
    remark(f"“{name}:” has nothing after it and was passed over.")
    return None


def _site(value: Value, remark: Remark) -> Site | None:
    domain = _domain(value.text)
    if not domain:
        remark(f"“site:{value.text}” names no host and was passed over.")
        return None
    return Site(domain)


def _domain(typed: str) -> str:
    """Return a host as identities have it, from a host as people type it, with or without a URL around it."""
    place = typed.strip().partition("://")[2] or typed.strip()
    place = place.partition("/")[0].partition("?")[0].rpartition("@")[2]
    bare = place if place.startswith("[") else place.partition(":")[0]
    for each in (place, bare):
        with suppress(ValueError):
            return URL(f"https://{each.strip('.')}").hostname.strip(".")
    # No host that a link can have: what was typed is told as it was.
    return bare.lower().strip(".")


def _state(value: Value, remark: Remark) -> Leaf | None:
    name = value.text.lower()
    if name in STATES:
        return State(name)
    found = _words(value)
    if found:
        remark(f"“is:{value.text}” is none of {', '.join(STATES)}: it was read as a word.")
    else:
        remark(f"“is:{value.text}” is none of {', '.join(STATES)}: it was passed over.")
    return found


def _added(value: Value, remark: Remark) -> Added | None:
    period = _period("added", value, remark)
    return Added(period.start, period.end, f"added:{period}") if period else None


def _before(value: Value, remark: Remark) -> Added | None:
    period = _period("before", value, remark)
    if period is None:
        return None
    if period.start is None:
        # Nothing is before what has no beginning.
        remark(f"“before:{period}” has no beginning: it was read as “added:{period}”.")
        return Added(None, period.end, f"added:{period}")
    return Added(None, period.start, f"before:{period}")


def _after(value: Value, remark: Remark) -> Added | None:
    period = _period("after", value, remark)
    if period is None:
        return None
    if period.end is None:
        remark(f"“after:{period}” has no end: it was read as “added:{period}”.")
        return Added(period.start, None, f"added:{period}")
    return Added(period.end, None, f"after:{period}")


def _period(name: str, value: Value, remark: Remark) -> periods.Period | None:
    period = periods.parse(value.text)
    if period is None:
        remark(f"“{name}:{value.text}” is no date like 2025, 2025-03 or 2025-03-31, and was passed over.")
    return period


READERS: dict[str, Reader] = {
    "tag": tag,
    "site": _site,
    "is": _state,
    "added": _added,
    "before": _before,
    "after": _after,
}
"""What a name before a colon asks for, apart from the words of `FIELDS` and `sort`."""
