"""Acts on many links at once, and the undo of any batch."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeAlias

from flask import request
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as BaseResponse

from linkhold.doors import current
from linkhold.doors.current import Caller
from linkhold.doors.web import finding, frame, message
from linkhold.doors.web.blueprint import bp
from linkhold.doors.web.library import tags_of
from linkhold.errors import BadInput
from linkhold.links import bulk, language, search, undoing
from linkhold.links.batches import Done
from linkhold.links.bulk import BulkEdit

Act: TypeAlias = Callable[[Session, Caller, Iterable[int]], Done]

EDITS = {
    "read": BulkEdit(unread=False),
    "unread": BulkEdit(unread=True),
    "archive": BulkEdit(archived=True),
    "unarchive": BulkEdit(archived=False),
    "share": BulkEdit(shared=True),
    "unshare": BulkEdit(shared=False),
}
"""What is to become of links, by the name of its button."""
LONGEST_ID = 18


@bp.post("/many")
def change_many() -> BaseResponse:
    """Do to the selected links, or to all that the search finds, what the button says."""
    act = _act(request.form.get("act", ""))
    caller = current.caller()
    with current.runtime().transaction() as session:
        done = act(session, caller, _ids(session, caller))
    return frame.back(message.of_batch(done.batch_id))


@bp.post("/batch/<id:batch_id>/undo")
def undo_batch(batch_id: int) -> BaseResponse:
    """Undo a batch; what something else changed since is left alone, and told."""
    caller = current.caller()
    with current.runtime().transaction() as session:
        undone = undoing.undo_batch(session, caller.account_id, batch_id, origin=caller.origin)
    return frame.back(message.of_batch(undone.done.batch_id), left=undone.left_count)


def _act(name: str) -> Act:
    if name == "trash":
        return lambda session, caller, ids: bulk.trash(session, caller.account_id, ids, origin=caller.origin)
    if name == "restore":
        return lambda session, caller, ids: bulk.restore(
            session, caller.account_id, ids, origin=caller.origin
        )
    wanted = _tagging(name) if name in {"tag", "untag"} else EDITS.get(name)
    if wanted is None:
        raise BadInput("Choose what is to become of the links.", field="act")
    return lambda session, caller, ids: bulk.edit(
        session, caller.account_id, ids, wanted, origin=caller.origin
    )


def _tagging(name: str) -> BulkEdit:
    drafting = current.runtime().drafting
    tags = drafting.tags(tags_of(request.form.get("tags", "")))
    if not tags:
        raise BadInput("Name at least one tag.", field="tags")
    most = drafting.limits.tags
    return BulkEdit(add_tags=tags, most_tags=most) if name == "tag" else BulkEdit(remove_tags=tags)


def _ids(session: Session, caller: Caller) -> Iterable[int]:
    if request.form.get("all"):
        query = finding.wanted(language.parse(request.form.get("q", "")))
        return search.every_id(session, caller.account_id, query)
    given = request.form.getlist("ids")
    ids = [int(each) for each in given if each.isdecimal() and each.isascii() and len(each) <= LONGEST_ID]
    if not ids:
        raise BadInput("Select at least one link.", field="ids")
    return ids
