"""What a word of a search may become while it is typed: operators, and tags with their counts."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.orm import Session

from linkhold.links import conditions, tag_counts, tags
from linkhold.links.trees import SORTS, STATES

MOST = 8

OPERATORS = {
    "is:": "a state, like is:unread",
    "site:": "a site and all below it",
    "tag:": "a tag and all below it",
    "title:": "a word in the title",
    "url:": "a word in the address",
    "notes:": "a word in the notes",
    "added:": "a year, month, day or range",
    "before:": "added before a date",
    "after:": "added after a date",
    "sort:": "the order",
}
FIXED = {
    **OPERATORS,
    **dict.fromkeys((f"is:{state}" for state in STATES), "state"),
    **dict.fromkeys((f"sort:{sort}" for sort in SORTS), "order"),
}
TAG_MARKS = ("#", "tag:")


@dataclass(frozen=True, slots=True)
class Completion:
    """What a word may become, and what that means."""

    text: str
    note: str


def complete(session: Session, owner: int, typed: str) -> list[Completion]:
    """Return what the last word of a search may become, the likeliest first; a minus before it stays."""
    minus, word = ("-", typed[1:]) if typed.startswith("-") else ("", typed)
    mark = next((mark for mark in TAG_MARKS if word.lower().startswith(mark)), "")
    if mark:
        return [_tag(minus, each) for each in _tags(session, owner, word[len(mark) :])]
    fixed = [Completion(minus + text, note) for text, note in FIXED.items() if _begins(text, word)]
    if ":" in word or not word:
        return fixed[:MOST]
    return [*fixed, *(_tag(minus, each) for each in _tags(session, owner, word))][:MOST]


def complete_tag(session: Session, owner: int, typed: str) -> list[Completion]:
    """Return the tags that a word may become where nothing but tags is typed."""
    return [Completion(each.name, str(each.below)) for each in _tags(session, owner, typed)]


def _begins(text: str, word: str) -> bool:
    """Tell whether a word begins an operator; its values are offered once the colon is typed."""
    low = word.lower()
    return text.startswith(low) and text != low and (text in OPERATORS or ":" in low)


def _tags(session: Session, owner: int, typed: str) -> list[tag_counts.TagCount]:
    return tag_counts.complete(session, owner, tags.tidy(typed.strip('"')), limit=MOST)


def _tag(minus: str, tag: tag_counts.TagCount) -> Completion:
    return Completion(minus + conditions.tagged(tag.name), str(tag.below))
