"""Drafts: what a client sent, checked against the limits, before it becomes a link. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from linkhold.errors import BadInput, LimitExceeded
from linkhold.links import tags, text
from linkhold.links.identity import Identity, identify


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
    """New values for some fields of a link; None leaves a field as it is. Made by `Drafting.edit`."""

    url: str | None = None
    identity: Identity | None = None
    title: str | None = None
    description: str | None = None
    notes: str | None = None
    tags: list[str] | None = None
    unread: bool | None = None
    archived: bool | None = None
    shared: bool | None = None


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
            title=self._text("title", title),
            description=self._text("description", description),
            notes=self._text("notes", notes),
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
        """Return an edit that can be applied; raises what `draft` raises."""
        kept_url, identity = (None, None) if url is None else self._url(url)
        return Edit(
            url=kept_url,
            identity=identity,
            title=None if title is None else self._text("title", title),
            description=None if description is None else self._text("description", description),
            notes=None if notes is None else self._text("notes", notes),
            tags=None if tags is None else self.tags(tags),
            unread=unread,
            archived=archived,
            shared=shared,
        )

    def checked(self, draft: Draft) -> Draft:
        """Return a draft whose words were changed, checked again; raises `LimitExceeded`."""
        return replace(draft, title=self._text("title", draft.title), notes=self._text("notes", draft.notes))

    def tags(self, names: Iterable[str]) -> list[str]:
        """Return tags as they are kept; raises `LimitExceeded` and `BadInput`."""
        kept = tags.clean(names, most=self.limits.tags, longest=self.limits.tag)
        if not all(map(text.can_be_stored, kept)):
            raise BadInput("A tag contains a character that text cannot hold.", field="tags")
        return kept

    def _url(self, url: str) -> tuple[str, Identity]:
        """Return the URL as it was sent, but for white space around it, and its identity."""
        sent = url.strip()
        if len(sent) > self.limits.url:
            raise LimitExceeded(f"The URL is longer than {self.limits.url} characters.", field="url")
        return sent, identify(sent, self.limits.schemes)

    def _text(self, name: str, value: str) -> str:
        longest: int = getattr(self.limits, name)
        kept = value.strip() if name == "title" else value
        if len(kept) > longest:
            raise LimitExceeded(f"The {name} is longer than {longest} characters.", field=name)
        if not text.can_be_stored(kept):
            raise BadInput(f"The {name} contains a character that text cannot hold.", field=name)
        return kept
