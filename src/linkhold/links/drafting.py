"""Drafts: what a client sent, checked against the limits, before it becomes a link. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from linkhold.errors import BadInput, LimitExceeded
from linkhold.links import tags as tag_words
from linkhold.links import text
from linkhold.links.identity import Identity, identify

TEXTS = ("title", "description", "notes")


@dataclass(frozen=True, slots=True)
class Limits:
    """How much one link may hold: lengths in characters, and which schemes a URL may have."""

    url: int = 8192
    title: int = 2048
    description: int = 65536
    notes: int = 262144
    tags: int = 256
    tag: int = 255
    schemes: frozenset[str] = frozenset({"http", "https"})

    def refuse_long(self, name: str, value: str) -> None:
        """Raise `LimitExceeded` when the text of a field is too long."""
        longest: int = getattr(self, name)
        if len(value) > longest:
            raise LimitExceeded(f"The {name} is longer than {longest} characters.", field=name)


LIMITS = Limits()
"""Those of a server that has set no others."""


@dataclass(frozen=True, slots=True)
class Draft:
    """A link as a client wants it saved: checked, with its identity. Made by `Drafting.draft`."""

    url: str
    identity: Identity
    title: str = ""
    description: str = ""
    notes: str = ""
    tags: list[str] = field(default_factory=list)
    unread: bool = False
    archived: bool = False
    shared: bool = False


@dataclass(frozen=True, slots=True)
class Edit:
    """New values for some fields of a link; None leaves a field as it is. Made by `Drafting.edit`.

    Merging can give a link more than one edit may. So what is too much is refused by `editing.edit`,
    and only where the link does not have it already.
    """

    url: str | None = None
    identity: Identity | None = None
    title: str | None = None
    description: str | None = None
    notes: str | None = None
    tags: list[str] | None = None
    unread: bool | None = None
    archived: bool | None = None
    shared: bool | None = None
    limits: Limits = LIMITS

    def refuse_too_much(self, after: Mapping[str, Any], known_tags: Iterable[str]) -> None:
        """Raise `LimitExceeded` for a new value that is over a limit; tags that are known are not new."""
        for name in after.keys() & TEXTS:
            self.limits.refuse_long(name, after[name])
        if "tags" in after:
            tag_words.refuse_long(after["tags"], longest=self.limits.tag, known=known_tags)
            tag_words.refuse_many(after["tags"], most=self.limits.tags, known=known_tags)


@dataclass(frozen=True, slots=True)
class Drafting:
    """Checks what clients send against one set of limits."""

    limits: Limits = field(default_factory=Limits)

    def draft(
        self,
        url: str,
        *,
        title: str = "",
        description: str = "",
        notes: str = "",
        tags: Iterable[str] = (),
        unread: bool = False,
        archived: bool = False,
        shared: bool = False,
    ) -> Draft:
        """Return a draft that can be saved.

        Raises `NotALink` for a URL that cannot be one, `LimitExceeded` for a value that is too
        long, and `BadInput` for one that text cannot hold; each names its field.
        """
        kept_url, identity = self._url(url)
        return Draft(
            url=kept_url,
            identity=identity,
            title=self._short("title", title),
            description=self._short("description", description),
            notes=self._short("notes", notes),
            tags=self.tags(tags),
            unread=unread,
            archived=archived,
            shared=shared,
        )

    def edit(
        self,
        *,
        url: str | None = None,
        title: str | None = None,
        description: str | None = None,
        notes: str | None = None,
        tags: Iterable[str] | None = None,
        unread: bool | None = None,
        archived: bool | None = None,
        shared: bool | None = None,
    ) -> Edit:
        """Return an edit that can be applied; raises what `draft` raises, but for long texts and tags."""
        kept_url, identity = (None, None) if url is None else self._url(url)
        return Edit(
            url=kept_url,
            identity=identity,
            title=None if title is None else self._text("title", title),
            description=None if description is None else self._text("description", description),
            notes=None if notes is None else self._text("notes", notes),
            tags=None if tags is None else _storable(tag_words.tidied(tags)),
            unread=unread,
            archived=archived,
            shared=shared,
            limits=self.limits,
        )

    def checked(self, draft: Draft) -> Draft:
        """Return a draft whose words were changed, checked again; raises `LimitExceeded`."""
        return replace(
            draft, title=self._short("title", draft.title), notes=self._short("notes", draft.notes)
        )

    def tags(self, names: Iterable[str]) -> list[str]:
        """Return tags as they are kept; raises `LimitExceeded` and `BadInput`."""
        return _storable(tag_words.clean(names, most=self.limits.tags, longest=self.limits.tag))

    def _url(self, url: str) -> tuple[str, Identity]:
        """Return the URL as it was sent, but for white space around it, and its identity."""
        sent = url.strip()
        if len(sent) > self.limits.url:
            raise LimitExceeded(f"The URL is longer than {self.limits.url} characters.", field="url")
        return sent, identify(sent, self.limits.schemes)

    def _short(self, name: str, value: str) -> str:
        kept = self._text(name, value)
        self.limits.refuse_long(name, kept)
        return kept

    def _text(self, name: str, value: str) -> str:
        kept = value.strip() if name == "title" else value
        if not text.can_be_stored(kept):
            raise BadInput(f"The {name} contains a character that text cannot hold.", field=name)
        return kept


def _storable(names: list[str]) -> list[str]:
    if not all(map(text.can_be_stored, names)):
        raise BadInput("A tag contains a character that text cannot hold.", field="tags")
    return names
