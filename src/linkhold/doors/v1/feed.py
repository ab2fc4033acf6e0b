"""The feed of changes through `/api/v1`, for clients that keep a copy of the library."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from flask import Response, request
from pydantic import BaseModel, ConfigDict, Field

from linkhold import clock
from linkhold.doors import current, inputs, reply
from linkhold.doors.envelope import WAITED
from linkhold.doors.v1 import shapes
from linkhold.doors.v1.blueprint import bp
from linkhold.doors.v1.openapi import operation
from linkhold.links import feed
from linkhold.links.feed import Cursor, Stretch, Told
from linkhold.waiting import Ring

NOW = "now"
LONGEST_WAIT = 60
# After it was told of a change, a wait looks this often whether the change can be told: an older
# transaction may still be under way.
LOOK_SECONDS = 0.2
ROOM_SECONDS = 2
"""When to ask again, for a client that found no room to wait: it would ask without a pause otherwise."""


class FeedQuery(BaseModel):
    """Where to go on, and whether to wait."""

    model_config = ConfigDict(extra="forbid")

    since: Annotated[
        str | None,
        Field(
            description="`next` of the answer before, or `now`; from the first change on if left out.",
            examples=["WyI3ZjNhIiwxMjM0LDMxXQ"],
        ),
    ] = None
    limit: Annotated[int, Field(ge=1, le=1000, description="How many changes at most.", examples=[100])] = 500
    wait: Annotated[
        int,
        Field(
            ge=0,
            le=LONGEST_WAIT,
            description="Seconds to wait for a change when there is none.",
            examples=[LONGEST_WAIT],
        ),
    ] = 0


class ToldShape(BaseModel):
    """A change, as the feed tells it."""

    id: int
    link: Annotated[int, Field(description="The id of the link.")]
    kind: str
    made_at: datetime
    batch: int | None
    deleted: Annotated[bool, Field(description="Whether the link is gone for good: forget it.")]
    after: Annotated[dict[str, Any], Field(description="The fields that changed, as they became.")]


class FeedShape(BaseModel):
    """Some changes, in order, and where the feed goes on."""

    model_config = shapes.example(
        {
            "changes": [
                {
                    "id": 31,
                    "link": 17,
                    "kind": "edited",
                    "made_at": "2026-11-23T13:23:58.919386Z",
                    "batch": None,
                    "deleted": False,
                    "after": {"title": "PostgreSQL"},
                }
            ],
            "next": "WyI3ZjNhIiwxMjM0LDMxXQ",
            "more": False,
        }
    )

    changes: list[ToldShape]
    next: Annotated[str, Field(description="The cursor of what follows.")]
    more: Annotated[bool, Field(description="Whether more can be had at once.")]


TELLS = {"Retry-After": "Seconds to pause, when there was no room to wait."}


@bp.get("/changes")
@operation(query=FeedQuery, answers={200: FeedShape}, problems=(400, 410), tells=TELLS)
def changes_feed() -> Response:
    """Follow the changes of the library.

    Each change comes once, in an order in which none is missed. Keep `next` and ask for what
    follows; with `wait` the answer comes as soon as something changes. When too many clients wait
    already, it comes at once, with `Retry-After`: ask again after so many seconds. `410` when the
    database was restored since: fetch everything anew.
    """
    asked = inputs.query(FeedQuery)
    runtime, owner = current.runtime(), current.caller().account_id
    headers = {}
    with runtime.bell.listening(owner) as ring:
        since = _cursor(asked)
        found = _read(since, asked.limit)
        if not found.changes and asked.wait:
            end = clock.monotonic() + asked.wait
            with runtime.waiters.joined() as may_wait:
                while may_wait and not (found.changes or ring.over) and (left := end - clock.monotonic()) > 0:
                    # Once rung, the change may take a moment to become tellable.
                    _wait(ring, min(left, LOOK_SECONDS) if ring.rung else left)
                    found = _read(since, asked.limit)
            if not may_wait or ring.over:
                headers["Retry-After"] = str(ROOM_SECONDS)
    return reply.json(
        {"changes": [_told(each) for each in found.changes], "next": str(found.next), "more": found.more},
        headers=headers,
    )


def _wait(ring: Ring, seconds: float) -> None:
    began = clock.monotonic()
    ring.wait(seconds)
    request.environ[WAITED] = request.environ.get(WAITED, 0.0) + clock.monotonic() - began


def _cursor(asked: FeedQuery) -> Cursor | None:
    """Return where to go on. `now` is the moment of the request: however long it waits, that stays."""
    if asked.since != NOW:
        return Cursor.parse(asked.since) if asked.since is not None else None
    with current.runtime().reading() as session:
        return feed.end(session, current.caller().account_id)


def _read(since: Cursor | None, limit: int) -> Stretch:
    with current.runtime().reading() as session:
        return feed.read(session, current.caller().account_id, since=since, limit=limit)


def _told(told: Told) -> dict[str, Any]:
    return {
        "id": told.id,
        "link": told.link_id,
        "kind": told.kind,
        "made_at": told.made_at,
        "batch": told.batch_id,
        "deleted": told.deleted,
        "after": told.after,
    }
