"""How what was done to two libraries is undone, beside their model."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import rule

from conftest import ORIGIN
from linkhold.errors import Conflict
from linkhold.links import (
    batches,
    tags,
    undoing,
)
from links.library_machine import WHO, Libraries


class Undos(Libraries):
    """A change is undone, or a batch, and that undone again."""

    @rule(who=WHO, place=st.integers(0, 30))
    def undo_a_change(self, who: int, place: int) -> None:
        owner = self.owners[who]
        changes = self.changes(owner)
        change, last = changes[place % len(changes)], self.snapshot(owner)
        # The last change of a link can always go back, unless its URL is another's by now.
        is_last = change is next(each for each in changes if each.link_id == change.link_id)
        refusals = undoing.DESTROYED if change.kind == "destroyed" else undoing.TAKEN if is_last else ""
        try:
            undoing.undo_change(self.session, owner, change.link_id, change.id, origin=ORIGIN)
        except Conflict as error:
            refused = error.message
        else:
            refused = refusals
        assert refusals in refused
        self.follow(owner)
        now = self.snapshot(owner)
        # No other link has changed but in how its tags are written.
        others = last.keys() - {change.link_id}
        assert [keyed(now[each]) for each in others] == [keyed(last[each]) for each in others]

    @rule(who=WHO, place=st.integers(0, 9))
    def undo_a_batch_and_undo_that(self, who: int, place: int) -> None:
        owner = self.owners[who]
        found = batches.newest(self.session, owner, limit=10)
        last = self.snapshot(owner)
        try:
            undone = undoing.undo_batch(self.session, owner, found[place % len(found)].id, origin=ORIGIN)
        except Conflict:
            assert self.snapshot(owner) == last
            return
        if undone.done.links:
            assert undoing.undo_batch(self.session, owner, undone.done.batch_id, origin=ORIGIN).left == []
        assert self.snapshot(owner) == last
        self.follow(owner)


def keyed(values: dict[str, Any]) -> dict[str, Any]:
    """Return the fields of a link with its tags by what they are matched by."""
    return {**values, "tags": [tags.key(tag) for tag in values["tags"]]}
