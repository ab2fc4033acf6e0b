"""Links through `/api/v1`, one by one: save, get, edit, trash, restore."""

from __future__ import annotations

import hashlib
from collections.abc import Collection

from flask import Response, request
from pydantic import BaseModel, ConfigDict

from linkhold.doors import compression, current, inputs, reply, saves
from linkhold.doors.v1 import listing, shapes
from linkhold.doors.v1.blueprint import bp
from linkhold.doors.v1.openapi import operation
from linkhold.links import editing, reading, trash
from linkhold.links.adding import Saved
from linkhold.links.idempotency import Answer
from linkhold.links.models import Link

LINK = "/links/<id:link_id>"
IF_MATCH = (
    "The `ETag` of the link as you saw it, or several of them: `412`, and nothing is changed, when it has"
    " another now."
)


@bp.post("/links")
@operation(
    body=shapes.LinkDraft,
    answers={201: shapes.LinkShape, 200: shapes.LinkShape},
    problems=(400, 413, 415, 422),
    headers={"Idempotency-Key": "Repeats of a request with the same key get the first one's answer."},
)
def save_link() -> Response:
    """Save a link.

    An unknown URL answers `201`. A known one is merged into the link that has it (tags are united,
    what is blank overwrites nothing, and it comes back from the trash) and answers `200`. Once
    you have the answer, the link is on disk.
    """
    sent, data = inputs.body(shapes.LinkDraft)
    draft = sent.draft(current.runtime().drafting)
    key = request.headers.get("Idempotency-Key")
    if key is None:
        answer = _answer(saves.save(draft))
    else:
        fingerprint = hashlib.sha256(data).digest()
        answer = saves.save_once(key, draft, fingerprint=fingerprint, answer=_answer)
    return reply.raw_json(answer.body, status=answer.status)


def _answer(saved: Saved) -> Answer:
    return Answer(201 if saved.created else 200, reply.encoded(shapes.link(saved.link)))


class LinkQuery(BaseModel):
    """What of a link."""

    model_config = ConfigDict(extra="forbid")

    fields: shapes.Fields = None


@bp.get(LINK)
@operation(
    query=LinkQuery,
    answers={200: shapes.LinkOrPart, 304: None},
    problems=(400, 404),
    headers={"If-None-Match": "An `ETag` that you have: `304` when it is still the link's."},
)
def get_link(link_id: int) -> Response:
    """Get a link, also one that is in the trash."""
    fields = listing.fields_named(inputs.query(LinkQuery).fields)
    with current.runtime().reading() as session:
        link = reading.get(session, current.caller().account_id, link_id)
    return _answered(link, fields)


@bp.patch(LINK)
@operation(
    body=shapes.LinkEdit,
    answers={200: shapes.LinkShape},
    problems=(400, 404, 409, 412, 413, 415),
    headers={"If-Match": IF_MATCH},
    patch=True,
)
def edit_link(link_id: int) -> Response:
    """Edit a link.

    Fields that are sent replace what was there, and the history keeps what it was. `409` when the
    link is in the trash, or when another link of the library has the new URL.
    """
    sent, _ = inputs.body(shapes.LinkEdit, patch=True)
    caller, runtime, seen = current.caller(), current.runtime(), inputs.seen_versions()
    edit = sent.edit(runtime.drafting)
    with runtime.transaction() as session:
        link = editing.edit(session, caller.account_id, link_id, edit, origin=caller.origin, seen=seen)
    return _answered(link)


@bp.delete(LINK)
@operation(answers={204: None}, problems=(404, 412), headers={"If-Match": IF_MATCH})
def trash_link(link_id: int) -> Response:
    """Move a link to the trash; one that is there already stays there."""
    caller, seen = current.caller(), inputs.seen_versions()
    with current.runtime().transaction() as session:
        trash.trash(session, caller.account_id, link_id, origin=caller.origin, seen=seen)
    return Response(status=204)


@bp.post(f"{LINK}/restore")
@operation(answers={200: shapes.LinkShape}, problems=(404, 409))
def restore_link(link_id: int) -> Response:
    """Take a link out of the trash; one that is not there stays as it is.

    `409` when an undo gave its URL to another link.
    """
    caller = current.caller()
    with current.runtime().transaction() as session:
        link = trash.restore(session, caller.account_id, link_id, origin=caller.origin)
    return _answered(link)


def _answered(link: Link, fields: Collection[str] = shapes.FIELDS) -> Response:
    """Answer a link with its version as `ETag`, or `304` to a client that has that version."""
    answer = reply.json(shapes.link(link, fields), headers={"ETag": f'"{link.version}"'})
    compression.answer_conditionally(request, answer)
    return answer
