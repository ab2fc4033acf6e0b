"""Links through `/api/v1`: save, list, get, edit, trash, restore."""

from __future__ import annotations

import hashlib

from flask import Response, request

from linkhold.doors import current, inputs, reply, saves
from linkhold.doors.v1 import shapes
from linkhold.doors.v1.blueprint import bp
from linkhold.doors.v1.openapi import operation
from linkhold.links import editing, idempotency, reading, saving, trash
from linkhold.links.drafting import Draft
from linkhold.links.idempotency import Answer
from linkhold.links.saving import Saved

LINK = "/links/<id:link_id>"


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
    answer = _answer(saves.save(draft)) if key is None else _save_once(key, data, draft)
    return reply.raw_json(answer.body, status=answer.status)


def _answer(saved: Saved) -> Answer:
    return Answer(201 if saved.created else 200, reply.encoded(shapes.link(saved.link)))


def _save_once(key: str, data: bytes, draft: Draft) -> Answer:
    """Save and keep the answer in one transaction, or return the answer that was kept."""
    caller = current.caller()
    fingerprint = hashlib.sha256(data).digest()
    with current.runtime().transaction() as session:
        kept = idempotency.claim(session, caller.account_id, key, fingerprint=fingerprint)
        if kept is not None:
            return kept
        answer = _answer(saving.save(session, caller.account_id, draft, origin=caller.origin))
        idempotency.keep(session, caller.account_id, key, answer)
    return answer


@bp.get("/links")
@operation(query=shapes.ListQuery, answers={200: shapes.PageShape}, problems=(400,))
def list_links() -> Response:
    """List links, the newest first.

    `next` is the cursor of the following page, or null at the end. A page costs the same however
    far down it is, and links saved meanwhile do not shift it.
    """
    asked = inputs.query(shapes.ListQuery)
    after = reading.Cursor.parse(asked.cursor) if asked.cursor is not None else None
    with current.runtime().reading() as session:
        page = reading.newest(
            session, current.caller().account_id, limit=asked.limit, after=after, trashed=asked.trashed
        )
    return reply.json(shapes.page(page))


@bp.get(LINK)
@operation(answers={200: shapes.LinkShape}, problems=(404,))
def get_link(link_id: int) -> Response:
    """Get a link, also one that is in the trash."""
    with current.runtime().reading() as session:
        link = reading.get(session, current.caller().account_id, link_id)
    return reply.json(shapes.link(link))


@bp.patch(LINK)
@operation(body=shapes.LinkEdit, answers={200: shapes.LinkShape}, problems=(400, 404, 409, 413, 415))
def edit_link(link_id: int) -> Response:
    """Edit a link.

    Fields that are sent replace what was there, and the history keeps what it was. `409` when the
    link is in the trash, or when another link of the library has the new URL.
    """
    sent, _ = inputs.body(shapes.LinkEdit)
    caller, runtime = current.caller(), current.runtime()
    edit = sent.edit(runtime.drafting)
    with runtime.transaction() as session:
        link = editing.edit(session, caller.account_id, link_id, edit, origin=caller.origin)
    return reply.json(shapes.link(link))


@bp.delete(LINK)
@operation(answers={204: None}, problems=(404,))
def trash_link(link_id: int) -> Response:
    """Move a link to the trash; one that is there already stays there."""
    caller = current.caller()
    with current.runtime().transaction() as session:
        trash.trash(session, caller.account_id, link_id, origin=caller.origin)
    return Response(status=204)


@bp.post(f"{LINK}/restore")
@operation(answers={200: shapes.LinkShape}, problems=(404,))
def restore_link(link_id: int) -> Response:
    """Take a link out of the trash; one that is not there stays as it is."""
    caller = current.caller()
    with current.runtime().transaction() as session:
        link = trash.restore(session, caller.account_id, link_id, origin=caller.origin)
    return reply.json(shapes.link(link))
