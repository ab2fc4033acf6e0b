"""The inbox as a page: shared text without a link becomes a link or a note, or is thrown away."""

from __future__ import annotations

from datetime import datetime

from flask import redirect, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as BaseResponse

from linkhold import clock
from linkhold.doors import current
from linkhold.doors.web import frame, message, typed
from linkhold.doors.web.blueprint import bp
from linkhold.errors import BadInput, Conflict, LinkholdError
from linkhold.links import history, inbox, reading, undoing

PAGE = 50
LARGEST = 2**63


@bp.get("/inbox")
def show_inbox() -> BaseResponse:
    """Show what is in the inbox, or with `trashed` what left it."""
    return _page()


@bp.post("/inbox/<id:item_id>/link")
def make_link(item_id: int) -> BaseResponse:
    """Save an address with the words of a text."""
    begun, caller, runtime, url = clock.now(), current.caller(), current.runtime(), _address()
    try:
        with runtime.transaction() as session:
            saved = inbox.make_link(
                session, caller.account_id, item_id, url, drafting=runtime.drafting, origin=caller.origin
            )
    except (BadInput, Conflict) as error:
        return _page(wrong=item_id, error=error)
    return _done(item_id, saved.link.id, begun)


@bp.post("/inbox/<id:item_id>/note")
def make_note(item_id: int) -> BaseResponse:
    """Add a text to the notes of the link that has an address."""
    begun, caller, runtime = clock.now(), current.caller(), current.runtime()
    try:
        with runtime.transaction() as session:
            link_id = _link_at(session, _address())
            inbox.make_note(
                session, caller.account_id, item_id, link_id, drafting=runtime.drafting, origin=caller.origin
            )
    except (BadInput, Conflict) as error:
        return _page(wrong=item_id, error=error)
    return _done(item_id, link_id, begun)


@bp.post("/inbox/<id:item_id>/trash")
def trash_item(item_id: int) -> BaseResponse:
    """Move a text to the trash of the inbox."""
    with current.runtime().transaction() as session:
        inbox.trash(session, current.caller().account_id, item_id)
    return redirect(url_for("web.show_inbox", done=message.of_text(item_id)), code=303)


@bp.post("/inbox/<id:item_id>/restore")
def restore_item(item_id: int) -> BaseResponse:
    """Take a text back into the inbox."""
    with current.runtime().transaction() as session:
        inbox.restore(session, current.caller().account_id, item_id)
    return redirect(url_for("web.show_inbox", done=message.of_inbox(item_id)), code=303)


@bp.post("/inbox/<id:item_id>/undo/<id:link_id>/<id:change_id>")
def undo_text(item_id: int, link_id: int, change_id: int) -> BaseResponse:
    """Undo what a text did to a link, and take the text back into the inbox."""
    caller = current.caller()
    with current.runtime().transaction() as session:
        inbox.restore(session, caller.account_id, item_id)
        undone = undoing.undo_change(session, caller.account_id, link_id, change_id, origin=caller.origin)
    return frame.back(message.of_inbox(item_id, undone.done.batch_id), left=undone.left_count)


@bp.post("/inbox/<id:item_id>/redo/<id:batch_id>")
def redo_text(item_id: int, batch_id: int) -> BaseResponse:
    """Do again what a text did to a link, and take the text out of the inbox again."""
    caller = current.caller()
    with current.runtime().transaction() as session:
        inbox.trash(session, caller.account_id, item_id)
        undone = undoing.undo_batch(session, caller.account_id, batch_id, origin=caller.origin)
        changes = history.of_batch(session, caller.account_id, undone.done.batch_id, limit=1)
    change = message.of_change(changes[0]) if changes else ""
    return frame.back(message.of_text(item_id, change), left=undone.left_count)


def _address() -> str:
    return typed.address(request.form.get("url", ""))


def _link_at(session: Session, url: str) -> int:
    """Return the link of the library that has an address; raises `BadInput` when none has."""
    draft = current.runtime().drafting.draft(url)
    found = reading.known(session, current.caller().account_id, draft.identity)
    if found is None:
        raise BadInput("No link of your library has this address.", field="url")
    return found.id


def _done(item_id: int, link_id: int, begun: datetime) -> BaseResponse:
    with current.runtime().reading() as session:
        change = message.since(session, current.caller().account_id, link_id, begun, otherwise="known")
    return redirect(url_for("web.show_inbox", done=message.of_text(item_id, change)), code=303)


def _page(*, wrong: int | None = None, error: LinkholdError | None = None) -> BaseResponse:
    owner, trashed = current.caller().account_id, "trashed" in request.args
    before = request.args.get("before", type=int)
    if before is not None and not 0 < before < LARGEST:
        raise BadInput("There is nothing in your inbox by this id.", field="before")
    with current.runtime().reading() as session:
        found = inbox.newest(session, owner, limit=PAGE + 1, before=before, trashed=trashed)
    return frame.page(
        "inbox.html",
        status=400 if error else 200,
        items=found[:PAGE],
        older=found[PAGE - 1].id if len(found) > PAGE else None,
        trashed=trashed,
        wrong=wrong,
        told=error.message if error else None,
    )
