"""History and undo through `/api/v1`."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from flask import Response
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from linkhold.doors import current, inputs, reply
from linkhold.doors.v1 import shapes
from linkhold.doors.v1.blueprint import bp
from linkhold.doors.v1.openapi import operation
from linkhold.links import batches, history, undoing
from linkhold.links.models import Batch, Change
from linkhold.links.undoing import Undone

CHANGE: dict[str, Any] = {
    "id": 31,
    "kind": "edited",
    "summary": "added tag db; title from nothing to “PostgreSQL”",
    "door": "v1",
    "token": "iPhone",
    "made_at": "2026-11-23T13:23:58.919386Z",
    "batch": None,
    "before": {"title": "", "tags": ["docs"]},
    "after": {"title": "PostgreSQL", "tags": ["docs", "db"]},
    "sent_url": None,
}
BATCH: dict[str, Any] = {
    "id": 4,
    "kind": "edited",
    "summary": "renamed tag js to javascript",
    "door": "v1",
    "token": "laptop",
    "made_at": "2026-11-23T13:23:58.919386Z",
    "links": 12,
}


class HistoryQuery(BaseModel):
    """Which part of the history."""

    model_config = ConfigDict(extra="forbid")

    limit: Annotated[int, Field(ge=1, le=1000, description="How many at most.", examples=[20])] = 100
    before: Annotated[
        int | None, Field(ge=1, lt=2**63, description="Only those with a smaller id.", examples=[31])
    ] = None


class ChangeShape(BaseModel):
    """One recorded difference to a link."""

    id: int
    kind: str
    summary: Annotated[str, Field(description="What happened, in words for a person.")]
    door: str
    token: Annotated[str | None, Field(description="The name of the token by which it was made.")]
    made_at: datetime
    batch: Annotated[int | None, Field(description="The batch that it is part of.")]
    before: Annotated[dict[str, Any], Field(description="The fields that differ, as they were.")]
    after: Annotated[dict[str, Any], Field(description="The same fields, as they became.")]
    sent_url: Annotated[
        str | None, Field(description="The URL that a save sent, when it was another form of the link's.")
    ]


class HistoryShape(BaseModel):
    """The changes of a link, the newest first."""

    model_config = shapes.example({"changes": [CHANGE]})

    changes: list[ChangeShape]


class BatchShape(BaseModel):
    """The changes that one action made."""

    model_config = shapes.example(BATCH)

    id: int
    kind: str
    summary: str
    door: str
    token: str | None
    made_at: datetime
    links: int


class BatchesShape(BaseModel):
    """Batches, the newest first."""

    model_config = shapes.example({"batches": [BATCH]})

    batches: list[BatchShape]


class LeftShape(BaseModel):
    """A link of which something was left alone, and why."""

    link: int
    reason: str


class UndoneShape(shapes.DoneShape):
    """What an undo did; it is a batch itself, and can be undone."""

    model_config = shapes.example(
        shapes.DONE | {"left": [{"link": 17, "reason": "It was changed since: title."}], "left_count": 1}
    )

    left: Annotated[list[LeftShape], Field(description="What was left alone, the first hundred of it.")]
    left_count: int


class SinceShape(shapes.In):
    """The moment since which everything is undone."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"since": "2026-05-03T18:00:00Z"}]})

    since: AwareDatetime


@bp.get("/links/<id:link_id>/history")
@operation(query=HistoryQuery, answers={200: HistoryShape}, problems=(400, 404))
def link_history(link_id: int) -> Response:
    """List the changes of a link, the newest first."""
    asked = inputs.query(HistoryQuery)
    with current.runtime().reading() as session:
        found = history.of_link(
            session, current.caller().account_id, link_id, limit=asked.limit, before=asked.before
        )
        return reply.json({"changes": [_change(each) for each in found]})


@bp.post("/links/<id:link_id>/history/<id:change_id>/undo")
@operation(answers={200: UndoneShape}, problems=(404, 409))
def undo_change(link_id: int, change_id: int) -> Response:
    """Undo one change of a link.

    `409` when it cannot be undone: the link was destroyed with the trash, or was changed in the
    same place since.
    """
    caller = current.caller()
    with current.runtime().transaction() as session:
        undone = undoing.undo_change(session, caller.account_id, link_id, change_id, origin=caller.origin)
    return _undone(undone)


@bp.get("/batches")
@operation(query=HistoryQuery, answers={200: BatchesShape}, problems=(400,))
def list_batches() -> Response:
    """List batches, the newest first."""
    asked = inputs.query(HistoryQuery)
    with current.runtime().reading() as session:
        found = batches.newest(session, current.caller().account_id, limit=asked.limit, before=asked.before)
        return reply.json({"batches": [_batch(each) for each in found]})


@bp.get("/batches/<id:batch_id>")
@operation(answers={200: BatchShape}, problems=(404,))
def get_batch(batch_id: int) -> Response:
    """Get a batch."""
    with current.runtime().reading() as session:
        return reply.json(_batch(batches.get(session, current.caller().account_id, batch_id)))


@bp.post("/batches/<id:batch_id>/undo")
@operation(answers={200: UndoneShape}, problems=(404, 409))
def undo_batch(batch_id: int) -> Response:
    """Undo a batch.

    What something else changed since is left alone, and told in `left`. `409` when nothing of the
    batch can be undone.
    """
    caller = current.caller()
    with current.runtime().transaction() as session:
        undone = undoing.undo_batch(session, caller.account_id, batch_id, origin=caller.origin)
    return _undone(undone)


@bp.post("/undo")
@operation(body=SinceShape, answers={200: UndoneShape}, problems=(400, 409, 413, 415))
def undo_since() -> Response:
    """Undo everything that happened to the library since a moment.

    What cannot be undone is told in `left`. `409` when something happened and none of it can be.
    """
    sent, _ = inputs.body(SinceShape)
    caller = current.caller()
    with current.runtime().transaction() as session:
        undone = undoing.undo_since(session, caller.account_id, sent.since, origin=caller.origin)
    return _undone(undone)


def _change(change: Change) -> dict[str, Any]:
    return {
        "id": change.id,
        "kind": change.kind,
        "summary": history.told(change),
        "door": change.door,
        "token": change.token,
        "made_at": change.made_at,
        "batch": change.batch_id,
        "before": change.before,
        "after": change.after,
        "sent_url": change.sent_url,
    }


def _batch(batch: Batch) -> dict[str, Any]:
    return {name: getattr(batch, name) for name in BatchShape.model_fields}


def _undone(undone: Undone) -> Response:
    left = [{"link": each.link_id, "reason": each.reason} for each in undone.left]
    return reply.json({**shapes.done(undone.done), "left": left, "left_count": undone.left_count})
