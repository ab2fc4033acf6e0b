"""One link as a page: read it, edit it, trash and restore it, and undo any of its changes."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from flask import request
from werkzeug.wrappers import Response as BaseResponse

from linkhold import clock
from linkhold.doors import current
from linkhold.doors.web import addresses, frame, message, speaking
from linkhold.doors.web.blueprint import bp
from linkhold.doors.web.library import tags_of
from linkhold.doors.web.many import EDITS
from linkhold.errors import BadInput, Conflict, Outdated
from linkhold.links import editing, history, reading, trash, undoing
from linkhold.links.models import Link

CHANGES = 50
LONG_TITLE, LONG_URL = 120, 160
"""From how many characters a page cuts them, and offers them in full."""
TEXTS = ("url", "title", "description", "notes")
LONG = frozenset({"description", "notes"})
STATES = ("unread", "archived", "shared")
OUTDATED = (
    "This link was changed elsewhere while you edited it. What you wrote is still here:"
    " saving it again replaces what the link has now."
)


@bp.get("/link/<id:link_id>")
def show_link(link_id: int) -> BaseResponse:
    """Show a link with its notes and its history."""
    owner, before = current.caller().account_id, request.args.get("before", type=int)
    with current.runtime().reading() as session:
        link = reading.get(session, owner, link_id)
        found = history.of_link(session, owner, link_id, limit=CHANGES + 1, before=_known(before))
        told = [(change, speaking.translated(history.told(change))) for change in found[:CHANGES]]
    older = told[-1][0].id if len(found) > CHANGES else None
    return frame.page(
        "link.html", link=link, changes=told, older=older, long_title=LONG_TITLE, long_url=LONG_URL
    )


@bp.get("/link/<id:link_id>/edit")
def show_edit(link_id: int) -> BaseResponse:
    """Show the form that edits a link."""
    link = _get(link_id)
    back = addresses.local_path(request.args.get("back", f"/link/{link_id}"))
    return frame.page("edit.html", link=link, form=_form(link), faults={}, back=back)


@bp.post("/link/<id:link_id>/edit")
def edit_link(link_id: int) -> BaseResponse:
    """Edit a link; what cannot be comes back to be mended, with all that was written."""
    caller, begun, link = current.caller(), clock.now(), _get(link_id)
    try:
        wanted = current.runtime().drafting.edit(**_written(link))
        version = request.form.get("version", type=int)
        seen = None if version is None else {version}
        with current.runtime().transaction() as session:
            editing.edit(session, caller.account_id, link_id, wanted, origin=caller.origin, seen=seen)
    except Outdated:
        return _mend(link, {"all": OUTDATED}, 412)
    except Conflict as error:
        return _mend(link, {"url": error.message}, 409)
    except BadInput as error:
        return _mend(link, dict(error.faults), 400)
    return _back(link_id, begun)


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


def _mend(seen: Link, faults: Mapping[str, str], status: int) -> BaseResponse:
    link = _get(seen.id)
    form = {**_form(link), **request.form.to_dict(), **{name: name in request.form for name in STATES}}
    back = addresses.local_path(request.form.get("back", "/"))
    values = {**form, "version": link.version}
    return frame.page("edit.html", status=status, link=link, form=values, faults=faults, back=back)


def _written(link: Link) -> dict[str, Any]:
    """Return the fields of the form that a person changed.

    A browser sends line breaks as two characters, and none from a field of one line: what was saved
    with other ones, or under other limits, is not changed by passing through a form.
    """
    form = request.form
    texts = {
        name: form[name].replace("\r\n", "\n")
        for name in TEXTS
        if name in form and _through_a_form(name, form[name]) != _through_a_form(name, getattr(link, name))
    }
    tags = tags_of(form.get("tags", " ".join(link.tags)))
    states = {name: name in form for name in STATES}
    return {**texts, **({} if tags == link.tags else {"tags": tags}), **states}


def _through_a_form(name: str, text: str) -> str:
    """Return a text as it is after a browser had it in a field."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    return lines if name in LONG else lines.replace("\n", "")


def _form(link: Link) -> dict[str, Any]:
    """Return the fields of a link as its form has them."""
    values = {name: getattr(link, name) for name in (*TEXTS, *STATES, "version")}
    return {**values, "tags": " ".join(link.tags)}


def _get(link_id: int) -> Link:
    with current.runtime().reading() as session:
        return reading.get(session, current.caller().account_id, link_id)


def _known(before: int | None) -> int | None:
    return before if before is not None and 0 < before < 2**63 else None
