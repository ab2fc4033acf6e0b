"""Tags: how a word becomes one, and how two lists are united. Pure."""

from __future__ import annotations

import unicodedata
from collections.abc import Collection, Iterable, Mapping

from linkhold.errors import BadInput, LimitExceeded

SEPARATOR = "/"
DEEPEST = 16
"""How many tags may stand one below the other."""


def key(tag: str) -> str:
    """Return what a tag is matched by: itself without case."""
    return unicodedata.normalize("NFC", tag.casefold())


def lineage(key: str) -> list[str]:
    """Return the key of a tag after those of the tags above it: a, a/b, a/b/c."""
    parts = key.split(SEPARATOR)
    return [SEPARATOR.join(parts[: depth + 1]) for depth in range(len(parts))]


def names(tag: str) -> dict[str, str]:
    """Return the names of a tag and of the tags above it, by their keys."""
    return dict(zip(lineage(key(tag)), lineage(tag), strict=True))


def respelled(tag: str, known: Mapping[str, str]) -> str:
    """Return a tag as its library spells it: `known` has names by key, and the longest that fits counts."""
    parts = tag.split(SEPARATOR)
    for depth in range(len(parts), 0, -1):
        name = known.get(key(SEPARATOR.join(parts[:depth])))
        if name is not None:
            return SEPARATOR.join([name, *parts[depth:]])
    return tag


def counts(tags: Iterable[str]) -> dict[str, tuple[int, int]]:
    """Return what a link with these tags adds to counts, by key: of the very tag, and with those below."""
    own = {key(tag) for tag in tags}
    return {each: (int(each in own), 1) for tag in own for each in lineage(tag)}


def clean(names: Iterable[str], *, most: int, longest: int) -> list[str]:
    """Return tags as they are kept, within limits: `most` tags, and `longest` characters a tag.

    Raises `LimitExceeded`, and what `tidied` raises.
    """
    kept = tidied(names)
    refuse_long(kept, longest=longest)
    refuse_many(kept, most=most)
    return kept


def tidied(names: Iterable[str]) -> list[str]:
    """Return tags as they are kept: composed (NFC), white space as `-`, without a leading `#`, each once.

    Empty ones are passed over. Raises `BadInput` for a comma or a control character: the doors'
    dialects join tags by commas, so none can be inside one.
    """
    return united(filter(None, map(_clean_one, names)), ())


def refuse_long(names: Iterable[str], *, longest: int, known: Iterable[str] = ()) -> None:
    """Raise `LimitExceeded` for a tag that is too long or too deep and not among those that are `known`."""
    had = {key(tag) for tag in known}
    for tag in names:
        if len(tag) > longest and key(tag) not in had:
            raise LimitExceeded(f"A tag is longer than {longest} characters.", field="tags")
        if tag.count(SEPARATOR) >= DEEPEST and key(tag) not in had:
            raise LimitExceeded(f"A tag has at most {DEEPEST} parts with / between them.", field="tags")


def refuse_many(names: Collection[str], *, most: int, known: Iterable[str] = ()) -> None:
    """Raise `LimitExceeded` when these are too many tags for a link and bring one that is not `known`."""
    if len(names) > most and not {key(tag) for tag in names} <= {key(tag) for tag in known}:
        raise LimitExceeded(f"A link can have at most {most} tags.", field="tags")


def tidy(name: str) -> str:
    """Return a name as tags are written: composed (NFC), white space as `-`, no leading `#`, no `//`."""
    text = unicodedata.normalize("NFC", "-".join(name.split())).lstrip("#")
    return SEPARATOR.join(part for part in text.split(SEPARATOR) if part)


def _clean_one(name: str) -> str:
    text = tidy(name)
    bad = next((char for char in text if char == "," or unicodedata.category(char) == "Cc"), None)
    if bad is not None:
        shown = "a comma" if bad == "," else f"the control character U+{ord(bad):04X}"
        raise BadInput(f"A tag cannot contain {shown}: {name!r}.", field="tags")
    return text


def united(kept: Iterable[str], added: Iterable[str]) -> list[str]:
    """Return the tags of both lists, each once, spelled and ordered as they first came."""
    first: dict[str, str] = {}
    for tag in (*kept, *added):
        first.setdefault(key(tag), tag)
    return list(first.values())
