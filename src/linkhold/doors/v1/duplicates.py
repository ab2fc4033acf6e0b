"""Near-duplicates through `/api/v1`: reviewed, and made one."""

from __future__ import annotations

from typing import Annotated

from flask import Response
from pydantic import BaseModel, ConfigDict, Field

from linkhold.doors import current, inputs, reply
from linkhold.doors.v1 import shapes
from linkhold.doors.v1.blueprint import bp
from linkhold.doors.v1.bulk import Ids
from linkhold.doors.v1.openapi import operation
from linkhold.links import duplicates

LARGEST = 2**63 - 1
"""What PostgreSQL can hold as such a number."""


class DuplicatesQuery(BaseModel):
    """Which part of them."""

    model_config = ConfigDict(extra="forbid")

    limit: Annotated[int, Field(ge=1, le=500, description="How many groups at most.", examples=[20])] = 50
    after: Annotated[
        str | None,
        Field(
            pattern="^[0-9]{1,19}$",
            description="`next` of the answer before.",
            examples=["7001204968315527891"],
        ),
    ] = None


class GroupShape(BaseModel):
    """Links that a person might call the same, the oldest first."""

    links: list[shapes.LinkShape]


class DuplicatesShape(BaseModel):
    """Groups of links that resemble one another."""

    model_config = shapes.example(
        {
            "groups": [
                {"links": [shapes.LINK, shapes.LINK | {"id": 23, "url": "http://postgresql.org/docs"}]}
            ],
            "next": None,
        }
    )

    groups: list[GroupShape]
    # A string: it has 63 bits, of which JavaScript would round a number's last ten away.
    next: Annotated[str | None, Field(description="Where the list goes on; null at the end.")]


class MergeLinksShape(shapes.In):
    """Which link stays, and which are merged into it."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"keep": 17, "ids": [23, 42]}]})

    keep: Annotated[int, Field(ge=1, lt=2**63)]
    ids: Ids


@bp.get("/duplicates")
@operation(query=DuplicatesQuery, answers={200: DuplicatesShape}, problems=(400,))
def list_duplicates() -> Response:
    """List links that differ only in what a person overlooks.

    http or https, `www.` or a host for phones, a trailing slash, a fragment, the case of the path.
    """
    asked = inputs.query(DuplicatesQuery)
    after = -1 if asked.after is None else min(int(asked.after), LARGEST)
    with current.runtime().reading() as session:
        found = duplicates.groups(session, current.caller().account_id, limit=asked.limit, after=after)
    return reply.json(
        {
            "groups": [{"links": [shapes.link(link) for link in group.links]} for group in found],
            "next": str(found[-1].number) if len(found) == asked.limit else None,
        }
    )


@bp.post("/duplicates/merge")
@operation(body=MergeLinksShape, answers={200: shapes.DoneShape}, problems=(400, 404, 413, 415))
def merge_duplicates() -> Response:
    """Merge links into one.

    The link that stays gets the tags of the others, and what it lacks of their words; the others go
    to the trash. It is one batch, and can be undone.
    """
    sent, _ = inputs.body(MergeLinksShape)
    caller = current.caller()
    with current.runtime().transaction() as session:
        done = duplicates.merge(session, caller.account_id, sent.keep, sent.ids, origin=caller.origin)
    return reply.json(shapes.done(done))
