"""What undoing some changes makes of a link's tags. Pure.

Each tag has a history of its own, on and off. Where a change put tags in the place of others, as a
rename does, they go back together or not at all: otherwise one would be lost, or come back though
what had become of it was taken off by hand.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from linkhold.links import tags


class Step(Protocol):
    """A change of a link, as `reverting` has it."""

    @property
    def kind(self) -> str: ...  # noqa: D102
    @property
    def before(self) -> Mapping[str, Any]: ...  # noqa: D102
    @property
    def after(self) -> Mapping[str, Any]: ...  # noqa: D102
    @property
    def wanted(self) -> bool: ...  # noqa: D102


@dataclass(frozen=True, slots=True)
class Retagged:
    """The tags that a link comes to have, and how that differs from a plain undo."""

    tags: list[str]
    kept: bool
    """Whether a tag stays as it is because it was changed since."""
    foreign: bool
    """Whether a change that is not undone touched the tags, and still stands."""


@dataclass(frozen=True, slots=True)
class Retagging:
    """One change of tags: as they were and as they became, by key."""

    undo: bool
    wanted: bool
    before: dict[str, str]
    after: dict[str, str]

    @property
    def removed(self) -> set[str]:
        """The tags that it took off."""
        return self.before.keys() - self.after.keys()

    @property
    def added(self) -> set[str]:
        """The tags that it put on."""
        return self.after.keys() - self.before.keys()


def reverted(now: Sequence[str], steps: Iterable[Step]) -> Retagged:
    """Return what undoing the wanted steps, given oldest first, makes of the tags that a link has now."""
    changes = [
        Retagging(
            step.kind == "undone", step.wanted, _by_key(step.before["tags"]), _by_key(step.after["tags"])
        )
        for step in steps
        if "tags" in step.before
    ]
    wanted = [change for change in changes if change.wanted]
    foreign = {key: _foreign(changes, key) for change in changes for key in change.removed | change.added}
    fixed = _with_partners({key for key, since in foreign.items() if since}, wanted)
    current = _by_key(now)
    for change in reversed(wanted):
        current = _back(current, change, fixed)
    kept = any(_is_missed(key, key in current, changes) for key in fixed)
    return Retagged(list(current.values()), kept, any(_left(changes, key) for key in foreign))


def _foreign(changes: Iterable[Retagging], key: str) -> bool:
    """Tell whether a change that is not undone came after a wanted one of the same tag, and stands."""
    line = _standing(changes, key)
    while line and line[-1].wanted:
        line.pop()
    return any(change.wanted for change in line)


def _left(changes: Iterable[Retagging], key: str) -> bool:
    """Tell whether any change of a tag that is not undone stands."""
    return any(not change.wanted for change in _standing(changes, key))


def _standing(changes: Iterable[Retagging], key: str) -> list[Retagging]:
    """Return the changes that put a tag on or took it off, without undos and what those undid."""
    left: list[Retagging] = []
    for change in changes:
        if (key in change.before) == (key in change.after):
            continue
        if change.undo and not change.wanted and left and not left[-1].wanted:
            # On and off take turns: what an undo takes back is what came last.
            left.pop()
        else:
            left.append(change)
    return left


def _with_partners(fixed: set[str], wanted: Iterable[Retagging]) -> set[str]:
    """Return the tags that must stay, with those that would have to go back together with one of them."""
    units = [unit for change in wanted for unit in _units(change)]
    while True:
        more = {key for unit in units if unit & fixed for key in unit} - fixed
        if not more:
            return fixed
        fixed |= more


def _units(change: Retagging) -> Iterator[set[str]]:
    """Yield the tags that go back together: those that took the place of others, with those others."""
    if not change.removed or not change.added:
        return
    before, after = list(change.before), list(change.after)
    places = list(zip(before, after, strict=False))
    if len(before) == len(after) and all(old == new or old in change.removed for old, new in places):
        yield from ({old, new} for old, new in places if old != new)
    else:
        yield change.removed | change.added


def _is_missed(key: str, present: bool, changes: Iterable[Retagging]) -> bool:  # noqa: FBT001 - a value
    """Tell whether a tag that must stay is not as it was before the first wanted change of it."""
    touching = [change for change in changes if (key in change.before) != (key in change.after)]
    first = next((change for change in touching if change.wanted), None)
    if first is None:
        return False
    renamed = any(not change.wanted and key in change.removed and change.added for change in touching)
    return renamed or present != (key in first.before)


def _back(current: dict[str, str], change: Retagging, fixed: set[str]) -> dict[str, str]:
    """Take away the tags that a change put on and give back those that it took off; leave all others.

    The spelling goes back where the tag is still spelled as the change spelled it.
    """
    gone, back = change.added - fixed, change.removed - fixed
    left = {key: tag for key, tag in current.items() if key not in gone}
    for key, old in change.before.items():
        if key in back:
            left.setdefault(key, old)
        elif key in left and left[key] == change.after.get(key):
            left[key] = old
    # Where nothing else happened, the order is that of before.
    return {key: left[key] for key in change.before} if left.keys() == change.before.keys() else left


def _by_key(names: Iterable[str]) -> dict[str, str]:
    return {tags.key(tag): tag for tag in names}
