"""What saving a known link does to it: unite, and never take away. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Protocol

from linkhold.links import tags
from linkhold.links.drafting import TEXTS, Draft

STATES = ("unread", "archived", "shared")


class Kept(Protocol):
    """The fields of a link that a person writes, as they are now; they are only read here."""

    @property
    def title(self) -> str: ...  # noqa: D102
    @property
    def description(self) -> str: ...  # noqa: D102
    @property
    def notes(self) -> str: ...  # noqa: D102
    @property
    def tags(self) -> list[str]: ...  # noqa: D102
    @property
    def unread(self) -> bool: ...  # noqa: D102
    @property
    def archived(self) -> bool: ...  # noqa: D102
    @property
    def shared(self) -> bool: ...  # noqa: D102


def differences(kept: Kept, draft: Draft) -> Mapping[str, Any]:
    """Return the fields that merging a draft into a link changes, with their new values.

    A text that the draft leaves blank, or has nothing but white space for, stays; another replaces it
    (the history has the old one). Tags are united. A state is raised and never lowered: saving again
    does not mark as read.
    """
    merged: dict[str, Any] = {name: getattr(draft, name) or getattr(kept, name) for name in STATES}
    for name in TEXTS:
        sent = getattr(draft, name)
        merged[name] = sent if sent.strip() else getattr(kept, name)
    merged["tags"] = tags.united(kept.tags, draft.tags)
    return {name: value for name, value in merged.items() if value != getattr(kept, name)}


def beside(kept: Kept, draft: Draft) -> Draft:
    """Return a draft that adds its words to those of a link and replaces none of them.

    For words that no person wrote for this link: a title that is not needed becomes notes, and notes
    go below those that are there. Words that the link has already are not added again.
    """
    title = "" if kept.title else draft.title
    added = [draft.title if kept.title else "", draft.notes]
    known = f"{kept.title}\n{kept.notes}"
    new = [text for text in added if text and text not in known]
    return replace(
        draft, title=title, notes="\n\n".join([kept.notes, *new] if kept.notes else new) if new else ""
    )
