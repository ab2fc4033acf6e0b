"""Acts on many links through `/api/v1`: those of a list of ids, or all that a search finds."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Literal

from flask import Response
from pydantic import ConfigDict, Field, model_validator

from linkhold.doors import current, inputs, reply
from linkhold.doors.v1 import shapes, understood
from linkhold.doors.v1.blueprint import bp
from linkhold.doors.v1.openapi import operation
from linkhold.links import bulk, language, search
from linkhold.links.batches import Done
from linkhold.links.bulk import BulkEdit

MOST_IDS = 10_000
Ids = Annotated[list[Annotated[int, Field(ge=1, lt=2**63)]], Field(max_length=MOST_IDS)]


class BulkShape(shapes.In):
    """What to do, and with which links: name `ids`, or give a search `q`."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"action": "edit", "q": "#flask is:unread", "add_tags": ["python"], "unread": False}]
        }
    )

    action: Literal["edit", "trash", "restore"]
    ids: Annotated[Ids | None, Field(description="These links.")] = None
    q: Annotated[str | None, Field(description="All links that this search finds.")] = None
    add_tags: Annotated[list[str], Field(default_factory=list)]
    remove_tags: Annotated[list[str], Field(default_factory=list)]
    unread: bool | None = None
    archived: bool | None = None
    shared: bool | None = None

    @model_validator(mode="after")
    def _names_links(self) -> BulkShape:
        if (self.ids is None) == (self.q is None):
            raise ValueError("Give either ids or q: which links to change.")
        return self


class BulkDoneShape(shapes.DoneShape):
    """What an action on many links did, and how the search for them was understood."""

    model_config = shapes.example(
        {**shapes.DONE, "understood": "#flask and is:unread", "remarks": []},
    )

    understood: Annotated[
        str | None, Field(description="The search `q` as it was understood; null for `ids`.")
    ]
    remarks: Annotated[list[str], Field(description="Always blank: a search with remarks is refused.")]


@bp.post("/links/bulk")
@operation(body=BulkShape, answers={200: BulkDoneShape}, problems=(400, 413, 415))
def change_many() -> Response:
    """Change many links at once.

    All of it is one batch: it happens whole or not at all, and can be undone whole. Ids that are
    not in your library are passed over. `edit` gives and takes tags and sets states; `400`, which names
    the link, when one would come to have too many tags.

    A search `q` of which something was passed over is refused with `400` and its remarks: what
    happens to all that it finds must be what you meant. Try it with `GET /api/v1/links` first.
    """
    sent, _ = inputs.body(BulkShape)
    query = None if sent.q is None else language.parse(sent.q)
    runtime = current.runtime()
    wanted = BulkEdit(
        add_tags=runtime.drafting.tags(sent.add_tags),
        remove_tags=runtime.drafting.tags(sent.remove_tags),
        unread=sent.unread,
        archived=sent.archived,
        shared=sent.shared,
        most_tags=runtime.drafting.limits.tags,
    )
    with runtime.transaction() as session:
        caller = current.caller()
        ids: Iterable[int] = sent.ids or ()
        if query is not None:
            ids = search.every_id(session, caller.account_id, query)
        done: Done
        if sent.action == "edit":
            done = bulk.edit(session, caller.account_id, ids, wanted, origin=caller.origin)
        else:
            act = bulk.trash if sent.action == "trash" else bulk.restore
            done = act(session, caller.account_id, ids, origin=caller.origin)
    told = understood.told(query) if query is not None else {"understood": None, "remarks": ()}
    return reply.json({**shapes.done(done), **told})
