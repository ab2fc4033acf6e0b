"""What a person types or pastes to be saved: an address, or a text in which addresses stand."""

from __future__ import annotations

from linkhold.doors import current
from linkhold.errors import BadInput
from linkhold.links import shares, sharing
from linkhold.links.drafting import Draft
from linkhold.links.found import Found
from linkhold.links.shares import Share


def read(text: str, *, title: str, tags: list[str]) -> Draft | Share:
    """Return the link that is meant; as a share, where words stand beside it or there are several.

    Raises what `Drafting.draft` raises, for a text in which no link is found.
    """
    drafting, found = current.runtime().drafting, find(text)
    if not found:
        return drafting.draft(text, title=title, tags=tags)
    if len(found) == 1 and _is_bare(found[0]):
        return drafting.draft(found[0].url, title=title, tags=tags)
    return Share(text=text, title=title, tags=drafting.tags(tags))


def find(text: str) -> list[Found]:
    """Return the links of a text, each with the words beside it; none of a text that is an address."""
    if _is_address(text):
        return []
    return shares.links(Share(text=text), sharing.rule(current.runtime().drafting.limits))


def address(text: str) -> str:
    """Return the one address of a text that has nothing else, such as `example.com/page`; else the text."""
    found = find(text)
    return found[0].url if len(found) == 1 and _is_bare(found[0]) else text


def _is_address(text: str) -> bool:
    """Tell whether all of a text is an address; behind a space in it words are likelier to stand."""
    if any(map(str.isspace, text.strip())):
        return False
    try:
        current.runtime().drafting.draft(text)
    except BadInput:
        return False
    return True


def _is_bare(found: Found) -> bool:
    return not found.title and not found.notes
