"""A form that edits a link, compared with the link as it was opened and as it is now. Pure.

What a person left as it was is not written back: something else may have changed it meanwhile.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from linkhold.links import tags as words

TEXTS = ("url", "title", "description", "notes")
LONG = frozenset({"description", "notes"})
STATES = ("unread", "archived", "shared")


@dataclass(frozen=True, slots=True)
class Compared:
    """What the person changed, with the new values; and of that, what something else changed otherwise."""

    wanted: dict[str, Any]
    others: dict[str, str]
    """The texts that were changed here and elsewhere, as they are now."""


def compare(
    form: Mapping[str, str], tags: Sequence[str] | None, *, opened: Mapping[str, Any], now: Mapping[str, Any]
) -> Compared:
    """Compare what was sent with what was opened; tags and states are changed one by one and never clash."""
    texts = {
        name: form[name].replace("\r\n", "\n")
        for name in TEXTS
        if name in form and _in_a_field(name, form[name]) != _in_a_field(name, opened[name])
    }
    others = {
        name: now[name]
        for name, text in texts.items()
        if now[name] != opened[name] and _in_a_field(name, text) != _in_a_field(name, now[name])
    }
    wanted: dict[str, Any] = {**texts}
    wanted |= {name: name in form for name in STATES if (name in form) != opened[name]}
    if tags is not None and list(tags) != opened["tags"]:
        wanted["tags"] = _tags(tags, opened["tags"], now["tags"])
    return Compared(wanted, others)


def _tags(typed: Sequence[str], opened: Sequence[str], now: Sequence[str]) -> list[str]:
    """Return the tags of now, without those that were taken away and with those that were added."""
    if list(opened) == list(now):
        return list(typed)
    kept, had = {words.key(tag) for tag in typed}, {words.key(tag) for tag in opened}
    left = [tag for tag in now if words.key(tag) in kept or words.key(tag) not in had]
    return words.united(left, [tag for tag in typed if words.key(tag) not in had])


def _in_a_field(name: str, text: str) -> str:
    """Return a text as it is after a browser had it in a field.

    A browser sends line breaks as two characters, and none from a field of one line: what was saved
    with other ones, or under other limits, is not changed by passing through a form.
    """
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    return lines if name in LONG else lines.replace("\n", "")
