"""The tags of a library as a tree: `a/b` stands below `a`. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from linkhold.links import tags
from linkhold.links.tag_counts import TagCount


@dataclass(frozen=True, slots=True)
class Branch:
    """A tag with those below it."""

    name: str
    label: str
    """The part of its name that the tags above it do not have."""
    count: TagCount
    below: list[Branch] = field(default_factory=list)


def tree(counted: Iterable[TagCount]) -> list[Branch]:
    """Return tags as branches, by name; one whose upper tag is not among them stands at the top."""
    known: dict[str, Branch] = {}
    top: list[Branch] = []
    for count in sorted(counted, key=lambda each: _place(each.name)):
        above = known.get(tags.key(count.name).rpartition(tags.SEPARATOR)[0])
        label = count.name.rpartition(tags.SEPARATOR)[2] if above else count.name
        branch = Branch(count.name, label, count)
        known[tags.key(count.name)] = branch
        (above.below if above else top).append(branch)
    return top


def largest(branches: list[Branch], most: int) -> list[Branch]:
    """Return the branches with the most links, in the order that they had."""
    kept = sorted(range(len(branches)), key=lambda at: -branches[at].count.below)[:most]
    return [branches[at] for at in sorted(kept)]


def page(branches: list[Branch], *, after: str, most: int) -> tuple[list[Branch], str | None]:
    """Return whole branches after one by name, of about `most` tags, and the last if others follow it."""
    rest = [each for each in branches if not after or _place(each.name) > _place(after)]
    found: list[Branch] = []
    rows = 0
    for branch in rest:
        if found and rows + size(branch) > most:
            return found, found[-1].name
        found.append(branch)
        rows += size(branch)
    return found, None


def size(branch: Branch) -> int:
    """Return how many tags a branch has."""
    return 1 + sum(map(size, branch.below))


def _place(name: str) -> list[str]:
    """Return what orders tags so that those below one follow it."""
    return tags.key(name).split(tags.SEPARATOR)
