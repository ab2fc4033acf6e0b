"""One link as a page: read it, trash and restore it, and undo any of its changes."""

from __future__ import annotations

from datetime import datetime

from flask import request
from werkzeug.wrappers import Response as BaseResponse

from linkhold import clock
from linkhold.doors import current
from linkhold.doors.web import frame, message, speaking
from linkhold.doors.web.blueprint import bp
from linkhold.doors.web.comparing import STATES
from linkhold.doors.web.many import EDITS
from linkhold.errors import BadInput
from linkhold.links import editing, history, reading, trash, undoing

CHANGES = 50


@bp.get("/link/<id:link_id>")
def show_link(link_id: int) -> BaseResponse:
    """Show a link with its notes and its history."""
    owner, before = current.caller().account_id, request.args.get("before", type=int)
    with current.runtime().reading() as session:
        link = reading.get(session, owner, link_id)
        found = history.of_link(session, owner, link_id, limit=CHANGES + 1, before=_known(before))
        told = [(change, speaking.translated(history.told(change))) for change in found[:CHANGES]]
    older = told[-1][0].id if len(found) > CHANGES else None
    return frame.page("link.html", link=link, changes=told, older=older)


@bp.post("/link/<id:link_id>/set")
def set_state(link_id: int) -> BaseResponse:
    """Mark a link read or unread, archive or share it, or take that back."""
    wanted, caller = EDITS.get(request.form.get("set", "")), current.caller()
    begun = clock.now()
    if wanted is None:
        raise BadInput("Choose what is to become of the link.", field="set")
    states = {name: getattr(wanted, name) for name in STATES}
    edit = current.runtime().drafting.edit(**states)
    with current.runtime().transaction() as session:
        editing.edit(session, caller.account_id, link_id, edit, origin=caller.origin)
    return _back(link_id, begun)


@bp.post("/link/<id:link_id>/trash")
def trash_link(link_id: int) -> BaseResponse:
    """Move a link to the trash; the message offers to undo it."""
    caller, begun = current.caller(), clock.now()
    with current.runtime().transaction() as session:
        trash.trash(session, caller.account_id, link_id, origin=caller.origin)
    return _back(link_id, begun)


@bp.post("/link/<id:link_id>/restore")
def restore_link(link_id: int) -> BaseResponse:
    """Take a link out of the trash."""
    caller, begun = current.caller(), clock.now()
    with current.runtime().transaction() as session:
        trash.restore(session, caller.account_id, link_id, origin=caller.origin)
    return _back(link_id, begun)


@bp.post("/link/<id:link_id>/undo/<id:change_id>")
def undo_change(link_id: int, change_id: int) -> BaseResponse:
    """Undo one change of a link."""
    caller = current.caller()
    with current.runtime().transaction() as session:
        undone = undoing.undo_change(session, caller.account_id, link_id, change_id, origin=caller.origin)
    return frame.back(message.of_batch(undone.done.batch_id), left=undone.left_count)


def _back(link_id: int, begun: datetime) -> BaseResponse:
    """Lead back, with the message of what the act changed."""
    with current.runtime().reading() as session:
        owner = current.caller().account_id
        return frame.back(message.since(session, owner, link_id, begun, otherwise="same"))


def _known(before: int | None) -> int | None:
    return before if before is not None and 0 < before < 2**63 else None
