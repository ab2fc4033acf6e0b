"""Tags through `/api/v1`: listed, completed, renamed, merged, deleted."""

from __future__ import annotations

from typing import Annotated, Any

from flask import Response
from pydantic import BaseModel, ConfigDict, Field

from linkhold.doors import current, inputs, reply
from linkhold.doors.v1 import shapes
from linkhold.doors.v1.blueprint import bp
from linkhold.doors.v1.openapi import operation
from linkhold.errors import BadInput
from linkhold.links import tag_counts, tagging
from linkhold.links.tag_counts import TagCount


class TagsQuery(BaseModel):
    """Which tags."""

    model_config = ConfigDict(extra="forbid")

    typed: Annotated[
        str | None, Field(description="The beginning of a tag, or of a part of one.", examples=["py"])
    ] = None
    limit: Annotated[int, Field(ge=1, le=1000, description="How many completions at most.", examples=[8])] = (
        20
    )


class TagShape(BaseModel):
    """A tag of the library."""

    name: str
    links: Annotated[int, Field(description="How many links have this very tag.")]
    below: Annotated[int, Field(description="How many links have this tag or one below it.")]


class TagsShape(BaseModel):
    """Tags: all of them by name, or completions, the likeliest first."""

    model_config = shapes.example({"tags": [{"name": "python/flask", "links": 12, "below": 12}]})

    tags: list[TagShape]


class RenameShape(shapes.In):
    """A tag's new name; the tags below it move along."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"tag": "flask", "name": "python/flask"}]})

    tag: Annotated[str, Field(min_length=1)]
    name: Annotated[str, Field(min_length=1)]


class MergeShape(shapes.In):
    """Tags that become one."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"tags": ["js", "ecmascript"], "into": "javascript"}]}
    )

    tags: Annotated[list[Annotated[str, Field(min_length=1)]], Field(min_length=1, max_length=100)]
    into: Annotated[str, Field(min_length=1)]


class DeleteShape(shapes.In):
    """A tag that is taken off all links, with those below it."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"tag": "misc"}]})

    tag: Annotated[str, Field(min_length=1)]


@bp.get("/tags")
@operation(query=TagsQuery, answers={200: TagsShape}, problems=(400,))
def list_tags() -> Response:
    """List all tags with their counts, or complete one that is being typed."""
    asked = inputs.query(TagsQuery)
    owner = current.caller().account_id
    with current.runtime().reading() as session:
        if asked.typed is None:
            found = tag_counts.every(session, owner)
        else:
            found = tag_counts.complete(session, owner, asked.typed, limit=asked.limit)
    return reply.json({"tags": [_tag(each) for each in found]})


@bp.post("/tags/rename")
@operation(body=RenameShape, answers={200: shapes.DoneShape}, problems=(400, 404, 409, 413, 415))
def rename_tag() -> Response:
    """Rename a tag on all links.

    `409` when there is a tag of the new name: merge the two if they are to be one.
    """
    sent, _ = inputs.body(RenameShape)
    caller, name = current.caller(), _name(sent.name, "name")
    with current.runtime().transaction() as session:
        done = tagging.rename(
            session, caller.account_id, sent.tag, name, origin=caller.origin, longest=_longest()
        )
    return reply.json(shapes.done(done))


@bp.post("/tags/merge")
@operation(body=MergeShape, answers={200: shapes.DoneShape}, problems=(400, 404, 413, 415))
def merge_tags() -> Response:
    """Make several tags one on all links."""
    sent, _ = inputs.body(MergeShape)
    caller, into = current.caller(), _name(sent.into, "into")
    with current.runtime().transaction() as session:
        done = tagging.merge(
            session, caller.account_id, sent.tags, into, origin=caller.origin, longest=_longest()
        )
    return reply.json(shapes.done(done))


@bp.post("/tags/delete")
@operation(body=DeleteShape, answers={200: shapes.DoneShape}, problems=(400, 404, 413, 415))
def delete_tag() -> Response:
    """Take a tag off all links; the links stay."""
    sent, _ = inputs.body(DeleteShape)
    caller = current.caller()
    with current.runtime().transaction() as session:
        done = tagging.delete(session, caller.account_id, sent.tag, origin=caller.origin)
    return reply.json(shapes.done(done))


def _longest() -> int:
    return current.runtime().drafting.limits.tag


def _name(given: str, field: str) -> str:
    names = current.runtime().drafting.tags([given])
    if not names:
        raise BadInput("A tag needs a name.", field=field)
    return names[0]


def _tag(tag: TagCount) -> dict[str, Any]:
    return {"name": tag.name, "links": tag.links, "below": tag.below}
