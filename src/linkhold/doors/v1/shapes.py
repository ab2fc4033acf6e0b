"""The shapes of `/api/v1`: declared once, checked at the door, and published as OpenAPI."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Annotated, Any, TypeAlias

from pydantic import BaseModel, ConfigDict, Field, RootModel
from sqlalchemy import Row

from linkhold.links.adding import NewLink
from linkhold.links.batches import Done
from linkhold.links.drafting import Draft, Drafting, Edit
from linkhold.links.models import Link
from linkhold.links.search import FoundLink

MOST_LISTED = 1000
BLANK: dict[str, Any] = {"title": "", "description": "", "notes": "", "tags": []}


class In(BaseModel):
    """What a client sends: strict, so that a misspelt field is an error and not a loss."""

    model_config = ConfigDict(extra="forbid", strict=True)


class LinkDraft(In):
    """A link to be saved. What is left out is blank; a known link keeps what it has."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"url": "https://www.postgresql.org/docs/", "title": "PostgreSQL", "tags": ["db", "docs"]}
            ]
        }
    )

    url: Annotated[str, Field(description="The address, kept as it is sent.", min_length=1)]
    title: Annotated[str, Field(description="A line that names the link.")] = ""
    description: Annotated[str, Field(description="What the page is about.")] = ""
    notes: Annotated[str, Field(description="The reader's own words, in Markdown.")] = ""
    tags: Annotated[list[str], Field(description="Short words; `a/b` is a tag below `a`.")] = []
    unread: Annotated[bool, Field(description="To be read later.")] = False
    archived: Annotated[bool, Field(description="Out of the way.")] = False
    shared: Annotated[bool, Field(description="Public.")] = False

    def draft(self, drafting: Drafting) -> Draft:
        """Return it checked against the limits; raises what `Drafting.draft` raises."""
        return drafting.draft(**self.model_dump())


class LinkEdit(In):
    """New values for some fields of a link. A field that is left out stays; null makes a text blank.

    The URL and the states are never blank: there, null is an error.
    """

    model_config = ConfigDict(json_schema_extra={"examples": [{"title": "A better title", "unread": False}]})

    # A factory says that a field may be left out, and tells no default: what is left out is not used.
    url: Annotated[str, Field(min_length=1, default_factory=str)]
    title: str | None = None
    description: str | None = None
    notes: str | None = None
    tags: list[str] | None = None
    unread: Annotated[bool, Field(default_factory=bool)]
    archived: Annotated[bool, Field(default_factory=bool)]
    shared: Annotated[bool, Field(default_factory=bool)]

    def edit(self, drafting: Drafting) -> Edit:
        """Return it checked against the limits; raises what `Drafting.edit` raises."""
        given: dict[str, Any] = self.model_dump(exclude_unset=True)
        for name, blank in BLANK.items():
            if name in given and given[name] is None:
                given[name] = blank
        return drafting.edit(**given)


LINK: dict[str, Any] = {
    "id": 17,
    "url": "https://www.postgresql.org/docs/",
    "title": "PostgreSQL",
    "description": "",
    "notes": "",
    "tags": ["db", "docs"],
    "unread": False,
    "archived": False,
    "shared": False,
    "created_at": "2026-11-23T13:23:58.919386Z",
    "changed_at": "2026-11-23T13:23:58.919386Z",
    "trashed_at": None,
    "version": 1,
}
DONE: dict[str, Any] = {"batch": 4, "summary": "added tag python, marked read", "links": 12}
"""What the examples are made of."""


def example(value: dict[str, Any]) -> ConfigDict:
    """Return what gives a shape its example in the OpenAPI document."""
    return ConfigDict(json_schema_extra={"examples": [value]})


class LinkShape(BaseModel):
    """A link of the library."""

    model_config = example(LINK)

    id: int
    url: Annotated[str, Field(description="As it was sent.")]
    title: str
    description: str
    notes: str
    tags: list[str]
    unread: bool
    archived: bool
    shared: bool
    created_at: datetime
    changed_at: datetime
    trashed_at: Annotated[datetime | None, Field(description="When it was moved to the trash; null if not.")]
    version: Annotated[int, Field(description="Counts its changes; it is also its `ETag`.")]


class LinkPart(BaseModel):
    """A link with those of its fields that were asked for."""

    id: int | None = None
    url: str | None = None
    title: str | None = None
    description: str | None = None
    notes: str | None = None
    tags: list[str] | None = None
    unread: bool | None = None
    archived: bool | None = None
    shared: bool | None = None
    created_at: datetime | None = None
    changed_at: datetime | None = None
    trashed_at: datetime | None = None
    version: int | None = None


class LinkOrPart(RootModel[LinkShape | LinkPart]):
    """A link of the library: all of it, or the fields that were asked for."""

    model_config = example(LINK)


class FaultShape(BaseModel):
    """A field that is wrong."""

    field: str
    detail: str


class ProblemShape(BaseModel):
    """An error, as a problem document (RFC 9457)."""

    model_config = example(
        {
            "type": "urn:linkhold:problem:bad-input",
            "title": "Bad input",
            "status": 400,
            "detail": "titel: Unknown field.",
            "request_id": "29997ec7b62b98d9",
            "errors": [{"field": "titel", "detail": "Unknown field."}],
        }
    )

    type: str
    title: str
    status: int
    detail: str
    request_id: Annotated[str, Field(description="Tells this request from all others in the logs.")]
    errors: list[FaultShape] | None = None


class DoneShape(BaseModel):
    """What an action on many links did."""

    model_config = example(DONE)

    batch: Annotated[int, Field(description="Undo it by `POST /api/v1/batches/{batch}/undo`.")]
    summary: str
    links: Annotated[int, Field(description="How many links it changed.")]


FIELDS = tuple(LinkShape.model_fields)
Fields: TypeAlias = Annotated[
    str | None,
    Field(
        description="Which fields of each link, with commas between; all if left out.",
        examples=["id,url,title"],
    ),
]


def link(link: Link | NewLink | FoundLink | Row[Any], fields: Collection[str] = FIELDS) -> dict[str, Any]:
    """Return a link as a client sees it: a `LinkShape`, or some of its fields."""
    return {name: getattr(link, name) for name in fields}


def done(done: Done) -> dict[str, Any]:
    """Return what an action on many links did: a `DoneShape`."""
    return {"batch": done.batch_id, "summary": done.summary, "links": done.links}
