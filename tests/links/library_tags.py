"""What can be done to the tags of two libraries, beside their model."""

from __future__ import annotations

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import rule

from conftest import ORIGIN
from linkhold.errors import BadInput, Conflict, NotFound
from linkhold.links import (
    tagging,
    tags,
)
from links.library_machine import WHO, Libraries

NAMES = st.sampled_from(["a", "B", "c", "c/d", "x/Y", "X/y/z"])


class TagActs(Libraries):
    """Tags are renamed, merged and deleted."""

    @rule(who=WHO, old=st.lists(NAMES, min_size=1, max_size=2), new=st.none() | NAMES)
    def merge_or_delete_tags(self, who: int, old: list[str], new: str | None) -> None:
        owner = self.owners[who]
        old, name = (old[:1], None) if new is None else (old, self.model.named(owner, old, new))
        error: type[Exception] | None = None if self.model.tagged(owner, old) else NotFound
        if new is not None and any(tags.key(new).startswith(f"{tags.key(tag)}/") for tag in old):
            error = BadInput
        if error is not None:
            with pytest.raises(error):
                self._merge(owner, old, new)
            return
        self._merge(owner, old, new)
        self.model.replace_tags(owner, old, name)

    def _merge(self, owner: int, old: list[str], new: str | None) -> None:
        if new is None:
            tagging.delete(self.session, owner, old[0], origin=ORIGIN)
        else:
            tagging.merge(self.session, owner, old, new, origin=ORIGIN)

    @rule(who=WHO, old=NAMES, new=NAMES)
    def rename_a_tag(self, who: int, old: str, new: str) -> None:
        owner, source, target = self.owners[who], tags.key(old), tags.key(new)
        error: type[Exception] | None = None if self.model.tagged(owner, [old]) else NotFound
        if source != target and self.model.tagged(owner, [new], trashed=False):
            error = Conflict
        if target.startswith(f"{source}/"):
            error = BadInput
        if error is not None:
            with pytest.raises(error):
                tagging.rename(self.session, owner, old, new, origin=ORIGIN)
            return
        name = self.model.named(owner, [old], new)
        tagging.rename(self.session, owner, old, new, origin=ORIGIN)
        self.model.replace_tags(owner, [old], name)
