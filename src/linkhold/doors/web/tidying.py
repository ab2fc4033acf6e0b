"""Keeping a library tidy: its trash, its near-duplicates, its statistics, its newest batches."""

from __future__ import annotations

from flask import redirect, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from linkhold import clock
from linkhold.accounts import accounts
from linkhold.doors import current
from linkhold.doors.web import frame, message
from linkhold.doors.web.blueprint import bp
from linkhold.errors import BadInput
from linkhold.links import batches, duplicates, reading, trash
from linkhold.links.reading import Cursor

PAGE = 50
GROUPS = 20
LARGEST = 2**63


@bp.get("/trash")
def trashed() -> BaseResponse:
    """Show what is in the trash, and for how long it stays."""
    before, owner = request.args.get("before"), current.caller().account_id
    after = Cursor.parse(before) if before else None
    with current.runtime().reading() as session:
        found = reading.newest(session, owner, limit=PAGE, after=after, trashed=True)
        days = accounts.by_id(session, owner).trash_days
    return frame.page("trash.html", page=found, before=before, days=days)


@bp.post("/trash/empty")
def empty_trash() -> BaseResponse:
    """Destroy what is in the trash. This alone cannot be undone, and is asked for twice."""
    if not request.form.get("sure"):
        raise BadInput("Confirm that the links in the trash are to be destroyed for good.", field="sure")
    with current.runtime().transaction() as session:
        trash.empty(session, current.caller().account_id)
    return redirect(url_for("web.trashed", done="trash-emptied"), code=303)


@bp.get("/duplicates")
def near_duplicates() -> BaseResponse:
    """Show links that a person might call the same, in groups."""
    after = request.args.get("after", -1, type=int)
    with current.runtime().reading() as session:
        found = duplicates.groups(
            session, current.caller().account_id, limit=GROUPS, after=max(-1, min(after, LARGEST - 1))
        )
    following = found[-1].number if len(found) == GROUPS else None
    return frame.page("duplicates.html", groups=found, following=following, after=after)


@bp.post("/duplicates/merge")
def merge_duplicates() -> BaseResponse:
    """Merge links into the one that is kept."""
    keep, caller = request.form.get("keep", type=int), current.caller()
    others = [each for each in request.form.getlist("ids", type=int) if 0 < each < LARGEST]
    if keep is None or not 0 < keep < LARGEST:
        raise BadInput("Choose the link to keep.", field="keep")
    with current.runtime().transaction() as session:
        done = duplicates.merge(session, caller.account_id, keep, others, origin=caller.origin)
    return frame.back(message.of_batch(done.batch_id))


@bp.get("/statistics")
def show_statistics() -> BaseResponse:
    """Show what the library holds, counted; of a large one, some minutes ago at most."""
    begun, runtime = clock.now(), current.runtime()
    with runtime.reading() as session:
        counted = runtime.counts.of(session, current.caller().account_id)
    counted_at = counted.at if counted.at < begun else None
    return frame.page("statistics.html", counted=counted.statistics, counted_at=counted_at)


@bp.get("/history")
def show_history() -> BaseResponse:
    """Show the newest actions on many links, each with its undo."""
    before, owner = request.args.get("before", type=int), current.caller().account_id
    if before is not None and not 0 < before < LARGEST:
        raise BadInput("There is no action by this number.", field="before")
    with current.runtime().reading() as session:
        found = batches.newest(session, owner, limit=PAGE + 1, before=before)
    older = found[PAGE - 1].id if len(found) > PAGE else None
    return frame.page("history.html", batches=found[:PAGE], older=older)
