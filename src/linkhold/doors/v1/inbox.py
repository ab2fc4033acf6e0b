"""The inbox through `/api/v1`: shared text that waits to become a link or a note."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from flask import Response
from pydantic import BaseModel, ConfigDict, Field

from linkhold.doors import current, inputs, reply
from linkhold.doors.v1 import shapes
from linkhold.doors.v1.blueprint import bp
from linkhold.doors.v1.openapi import operation
from linkhold.links import addresses, inbox, sharing
from linkhold.links.models import InboxItem

ITEM: dict[str, Any] = {
    "id": 5,
    "text": "The book about lighthouses that Ada spoke of",
    "title": "",
    "tags": ["books"],
    "unread": False,
    "received_at": "2026-11-23T13:23:58.919386Z",
    "trashed_at": None,
}
PATH = "/inbox/<id:item_id>"


class InboxQuery(BaseModel):
    """Which part of the inbox."""

    model_config = ConfigDict(extra="forbid")

    limit: Annotated[int, Field(ge=1, le=500, description="How many texts at most.", examples=[20])] = 50
    before: Annotated[
        int | None, Field(ge=1, lt=2**63, description="`next` of the answer before.", examples=[5])
    ] = None
    trashed: Annotated[
        bool, Field(description="Those that left the inbox, as long as the trash keeps.", examples=[True])
    ] = False


class InboxItemShape(BaseModel):
    """A text that was shared without a link."""

    model_config = shapes.example(ITEM)

    id: int
    text: Annotated[str, Field(description="As it was shared.")]
    title: str
    tags: Annotated[list[str], Field(description="For the link that it may become.")]
    unread: bool
    received_at: datetime
    trashed_at: Annotated[datetime | None, Field(description="When it left the inbox; null if it has not.")]


class InboxShape(BaseModel):
    """Texts of the inbox, the newest first."""

    model_config = shapes.example({"items": [ITEM], "next": None})

    items: list[InboxItemShape]
    next: Annotated[int | None, Field(description="Where the list goes on; null at the end.")]


class LinkFromText(shapes.In):
    """The URL that a text is about."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"url": "https://lighthouses.example/book"}]})

    url: Annotated[str, Field(min_length=1)]


class NoteFromText(shapes.In):
    """The link to whose notes a text is added."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"link_id": 17}]})

    link_id: Annotated[int, Field(ge=1, lt=2**63)]


@bp.get("/inbox")
@operation(query=InboxQuery, answers={200: InboxShape}, problems=(400,))
def list_inbox() -> Response:
    """List the inbox, the newest first."""
    asked = inputs.query(InboxQuery)
    with current.runtime().reading() as session:
        found = inbox.newest(
            session,
            current.caller().account_id,
            limit=asked.limit,
            before=asked.before,
            trashed=asked.trashed,
        )
    following = found[-1].id if len(found) == asked.limit else None
    return reply.json({"items": [item(each) for each in found], "next": following})


@bp.post(f"{PATH}/link")
@operation(
    body=LinkFromText,
    answers={201: shapes.LinkShape, 200: shapes.LinkShape},
    problems=(400, 404, 409, 413, 415),
)
def make_link(item_id: int) -> Response:
    """Make a text a link.

    A short line becomes the link's title, any other text its notes; to a link that is known (`200`)
    the words are added. The text leaves the inbox, and can be restored. `409` when it had left before.
    """
    sent, _ = inputs.body(LinkFromText)
    caller, drafting = current.caller(), current.runtime().drafting
    url = addresses.whole(sent.url, sharing.rule(drafting.limits)) or sent.url
    with current.runtime().transaction() as session:
        saved = inbox.make_link(
            session, caller.account_id, item_id, url, drafting=drafting, origin=caller.origin
        )
        body = shapes.link(saved.link)
    return reply.json(body, status=201 if saved.created else 200)


@bp.post(f"{PATH}/note")
@operation(body=NoteFromText, answers={200: shapes.LinkShape}, problems=(400, 404, 409, 413, 415))
def make_note(item_id: int) -> Response:
    """Add a text to the notes of a link.

    The change is in the link's history and can be undone; the text leaves the inbox, and can be
    restored. `409` when it had left before, or when the link is in the trash.
    """
    sent, _ = inputs.body(NoteFromText)
    caller, drafting = current.caller(), current.runtime().drafting
    with current.runtime().transaction() as session:
        link = inbox.make_note(
            session, caller.account_id, item_id, sent.link_id, drafting=drafting, origin=caller.origin
        )
        body = shapes.link(link)
    return reply.json(body)


@bp.delete(PATH)
@operation(answers={204: None}, problems=(404,))
def trash_inbox_item(item_id: int) -> Response:
    """Move a text to the trash, from which it can be restored as long as the trash keeps."""
    with current.runtime().transaction() as session:
        inbox.trash(session, current.caller().account_id, item_id)
    return Response(status=204)


@bp.post(f"{PATH}/restore")
@operation(answers={200: InboxItemShape}, problems=(404,))
def restore_inbox_item(item_id: int) -> Response:
    """Take a text back into the inbox; what was made of it stays as it is."""
    with current.runtime().transaction() as session:
        body = item(inbox.restore(session, current.caller().account_id, item_id))
    return reply.json(body)


def item(item: InboxItem) -> dict[str, Any]:
    """Return a text of the inbox as a client sees it: an `InboxItemShape`."""
    return {name: getattr(item, name) for name in InboxItemShape.model_fields}
