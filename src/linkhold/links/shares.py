"""A share: what an app sends when a person taps Share, and the links that are in it. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from linkhold.links import addresses, shared_text
from linkhold.links.addresses import Rule
from linkhold.links.found import Found, joined, united


@dataclass(frozen=True, slots=True)
class Share:
    """What was sent; apps put anything anywhere: the URL into the text, a text into the URL."""

    text: str = ""
    url: str = ""
    title: str = ""
    notes: str = ""
    tags: Sequence[str] = ()
    unread: bool = False

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to keep."""
        return not any(part.strip() for part in (self.text, self.url, self.title, self.notes))

    @property
    def words(self) -> str:
        """All that was written but for the title, each part on lines of its own."""
        return "\n".join(part for part in (self.url, self.text, self.notes) if part.strip())

    @property
    def whole(self) -> str:
        """What the inbox keeps of it as its text: the words, or the title where there is nothing else."""
        return self.words or self.title


def links(share: Share, rule: Rule) -> list[Found]:
    """Return the links of a share, each once, with the words beside it.

    A title or notes that were sent by name belong to the first link.
    """
    found = _in_text(share, rule)
    if not found:
        return shared_text.read("\n".join(part for part in (share.title, share.words) if part), rule)
    first, *others = found
    return united([_named(first, share), *others])


def _in_text(share: Share, rule: Rule) -> list[Found]:
    url = addresses.whole(share.url, rule) if share.url.strip() else None
    if url is None:
        return shared_text.read("\n".join(part for part in (share.url, share.text) if part.strip()), rule)
    beside = shared_text.read(share.text, rule)
    if beside:
        return united([Found(url), *beside])
    return [shared_text.read_beside(url, share.text, rule)]


def _named(found: Found, share: Share) -> Found:
    title = " ".join(share.title.split())
    if title in {"", found.url}:
        return replace(found, notes=joined(share.notes, found.notes))
    other = found.title if found.title not in title else ""
    return Found(found.url, title, joined(share.notes, other, found.notes))
