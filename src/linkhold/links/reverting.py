"""What undoing some changes makes of a link, when others came between and after. Pure.

The history decides, not the values: a value that is as a change left it may have been given back by
hand, and then somebody wants it so.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from linkhold.links import retagging

URL_FIELDS = ("url", "identity", "identity_version")
# What goes back together, by the word for it. A URL never goes back without its identity.
LINES = {"url": URL_FIELDS} | {
    name: (name,) for name in ("title", "description", "notes", "unread", "archived", "shared", "trashed_at")
}
SAID = {"trashed_at": "trash"}
"""What a field is called to a person, where that is not its name."""


@dataclass(frozen=True, slots=True)
class Step:
    """A change of a link, and whether it is one of those to undo."""

    kind: str
    before: Mapping[str, Any]
    after: Mapping[str, Any]
    wanted: bool


@dataclass(frozen=True, slots=True)
class Reverted:
    """The fields that go back, with their values, and what stays because it was changed since."""

    after: dict[str, Any]
    kept: list[str]
    addition: bool
    """Whether the link's addition was among what was to be undone."""


def reverted(now: Mapping[str, Any], steps: Sequence[Step], moment: datetime) -> Reverted:
    """Return what undoing the wanted steps, given oldest first, makes of a link that is `now` so.

    A field goes back to what it was before a wanted step unless another change of that field came
    later and still stands. What was trashed before is trashed again as of `moment`, so that the
    trash's retention begins anew.
    """
    values, kept, foreign = dict(now), dict[str, None](), list[str]()
    addition = any(step.kind == "added" and step.wanted for step in steps)
    for word, names in LINES.items():
        rest = _unwind(values, _line(steps, names, addition=addition), moment)
        first = next((step for step in rest if step.wanted), None)
        if first is not None and _differs(values, first.before):
            kept[word] = None
        if rest:
            foreign.append(word)
    retagged = retagging.reverted(now["tags"], steps)
    values["tags"] = retagged.tags
    if retagged.kept:
        kept["tags"] = None
    if retagged.foreign:
        foreign.append("tags")
    if addition and values["trashed_at"] is None:
        if foreign:
            kept |= dict.fromkeys(foreign)
        else:
            values["trashed_at"] = moment
    after = {name: value for name, value in values.items() if not _same(name, value, now[name])}
    return Reverted(after, [SAID.get(word, word) for word in kept], addition)


def standing(steps: Iterable[Step]) -> list[Step]:
    """Return the steps of one field that still count: an undo takes itself away with what it undid.

    It takes away nothing that is wanted, so that what was undone and undone again can be undone once
    more.
    """
    left: list[Step] = []
    for step in steps:
        start = None if step.wanted or step.kind != "undone" else _undid(left, step)
        if start is None:
            left.append(step)
        else:
            del left[start:]
    return left


def _undid(steps: Sequence[Step], undo: Step) -> int | None:
    """Return where among the last steps, none of them wanted, that one is to whose beginning an undo led."""
    for place in range(len(steps) - 1, -1, -1):
        if steps[place].wanted:
            return None
        if _agree(steps[place].before, undo.after):
            return place
    return None


def _agree(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    shared = one.keys() & other.keys()
    return bool(shared) and all(_same(name, one[name], other[name]) for name in shared)


def _same(name: str, one: Any, other: Any) -> bool:  # noqa: ANN401 - any value of a field
    """Tell whether two values are one; to be in the trash is the same at any moment."""
    return bool(one) == bool(other) if name == "trashed_at" else bool(one == other)


def _line(steps: Iterable[Step], names: Sequence[str], *, addition: bool) -> list[Step]:
    """Return those parts of the steps that are about some fields."""
    line = [
        Step(
            step.kind,
            {name: step.before[name] for name in names if name in step.before},
            {name: step.after[name] for name in names if name in step.before},
            step.wanted,
        )
        for step in steps
    ]
    line = [step for step in line if step.before]
    if "url" in names and (addition or any(step.wanted and "url" in step.before for step in line)):
        # An identity that was only computed anew is nothing that a person wrote: it goes with its URL.
        line = [step for step in line if step.wanted or "url" in step.before]
    return line


def _unwind(values: dict[str, Any], line: Iterable[Step], moment: datetime) -> list[Step]:
    """Take the wanted steps back, the newest first, up to one that is not; return what is left."""
    rest = standing(line)
    while rest and rest[-1].wanted:
        for name, value in rest.pop().before.items():
            values[name] = moment if name == "trashed_at" and value is not None else value
    return rest


def _differs(values: Mapping[str, Any], wanted: Mapping[str, Any]) -> bool:
    return any(not _same(name, values[name], value) for name, value in wanted.items())
