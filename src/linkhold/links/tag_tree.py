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
    for count in sorted(counted, key=lambda each: tags.key(each.name).split(tags.SEPARATOR)):
        above = known.get(tags.key(count.name).rpartition(tags.SEPARATOR)[0])
        label = count.name.rpartition(tags.SEPARATOR)[2] if above else count.name
        branch = Branch(count.name, label, count)
        known[tags.key(count.name)] = branch
        (above.below if above else top).append(branch)
    return top
