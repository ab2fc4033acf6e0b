"""Tags: how a word becomes one, and how two lists are united. Pure."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable

from linkhold.errors import BadInput, LimitExceeded

SEPARATOR = "/"


def key(tag: str) -> str:
    """Return what a tag is matched by: itself without case."""
    return unicodedata.normalize("NFC", tag.casefold())


def clean(names: Iterable[str], *, most: int, longest: int) -> list[str]:
    """Return tags as they are kept: composed (NFC), white space as `-`, without a leading `#`, each once.

    Empty ones are passed over. `most` tags and `longest` characters a tag are the limits. Raises
    `LimitExceeded`, and `BadInput` for a comma or a control character: the doors' dialects join
    tags by commas, so none can be inside one.
    """
    kept: dict[str, str] = {}
    for name in names:
        tag = _clean_one(name)
        if len(tag) > longest:
            raise LimitExceeded(f"A tag is longer than {longest} characters.", field="tags")
        if tag:
            kept.setdefault(key(tag), tag)
    if len(kept) > most:
        raise LimitExceeded(f"A link can have at most {most} tags.", field="tags")
    return list(kept.values())


def _clean_one(name: str) -> str:
    text = unicodedata.normalize("NFC", "-".join(name.split())).lstrip("#")
    bad = next((char for char in text if char == "," or unicodedata.category(char) == "Cc"), None)
    if bad is not None:
        shown = "a comma" if bad == "," else f"the control character U+{ord(bad):04X}"
        raise BadInput(f"A tag cannot contain {shown}: {name!r}.", field="tags")
    return SEPARATOR.join(part for part in text.split(SEPARATOR) if part)


def united(kept: Iterable[str], added: Iterable[str]) -> list[str]:
    """Return the tags of both lists, each once, spelled and ordered as they first came."""
    first: dict[str, str] = {}
    for tag in (*kept, *added):
        first.setdefault(key(tag), tag)
    return list(first.values())
