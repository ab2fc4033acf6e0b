"""Links that were found in a text, with their words. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from linkhold.links.identity import identify


@dataclass(frozen=True, slots=True)
class Found:
    """A link that was found, with the words that stood beside it."""

    url: str
    title: str = ""
    notes: str = ""


def united(found: Iterable[Found]) -> list[Found]:
    """Return links each once, those of one identity with the words of all."""
    alike: dict[str, list[Found]] = {}
    for each in found:
        alike.setdefault(identify(each.url, None).text, []).append(each)
    return [_one(links) for links in alike.values()]


def joined(*texts: str) -> str:
    """Return texts as notes, one below the other, each once."""
    once = dict.fromkeys(text for text in texts if text)
    return "\n\n".join(once)


def _one(links: Sequence[Found]) -> Found:
    if len(links) == 1:
        return links[0]
    titles = dict.fromkeys(link.title for link in links if link.title)
    title, *others = titles or [""]
    notes = dict.fromkeys(other for other in (*others, *(link.notes for link in links)) if other != title)
    return Found(links[0].url, title, joined(*notes))
