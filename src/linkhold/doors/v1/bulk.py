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
from linkhold.links.drafting import Drafting

MOST_IDS = 10_000
EDITED = ("add_tags", "remove_tags", "unread", "archived", "shared")
Ids = Annotated[list[Annotated[int, Field(ge=1, lt=2**63)]], Field(max_length=MOST_IDS)]


class BulkShape(shapes.In):
    """What to do, and with which links: name `ids`, or give a search `q`."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"action": "edit", "q": "#flask is:unread", "add_tags": ["python"], "unread": False}]
        }
    )

    action: Literal["edit", "trash", "restore"]
    # A factory says that a field may be left out, and takes no null: what is left out is not used.
    ids: Annotated[Ids, Field(default_factory=list, description="These links.")]
    q: Annotated[str, Field(default_factory=str, description="All links that this search finds.")]
    add_tags: Annotated[list[str], Field(default_factory=list)]
    remove_tags: Annotated[list[str], Field(default_factory=list)]
    unread: Annotated[bool, Field(default_factory=bool)]
    archived: Annotated[bool, Field(default_factory=bool)]
    shared: Annotated[bool, Field(default_factory=bool)]

    @model_validator(mode="after")
    def _says_what_is_meant(self) -> BulkShape:
        given = self.model_dump(exclude_unset=True)
        if ("ids" in given) == ("q" in given):
            raise ValueError("Give either ids or q: which links to change.")
        unused = [name for name, value in given.items() if name in EDITED and value != []]
        if self.action != "edit" and unused:
            raise ValueError(f"The action {self.action} takes no {', '.join(unused)}: that is for edit.")
        return self

    def edit(self, drafting: Drafting) -> BulkEdit:
        """Return it checked against the limits; raises what `Drafting.tags` raises."""
        given = {name: value for name, value in self.model_dump(exclude_unset=True).items() if name in EDITED}
        given |= {name: drafting.tags(given[name]) for name in ("add_tags", "remove_tags") if name in given}
        return BulkEdit(**given, most_tags=drafting.limits.tags)


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
    the link, when one would come to have too many tags. What is no edit takes none of that, and null
    is nothing that a field can be here.

    A search `q` of which something was passed over is refused with `400` and its remarks: what
    happens to all that it finds must be what you meant. Try it with `GET /api/v1/links` first.
    """
    sent, _ = inputs.body(BulkShape)
    query = language.parse(sent.q) if "q" in sent.model_fields_set else None
    runtime = current.runtime()
    wanted = sent.edit(runtime.drafting)
    with runtime.transaction() as session:
        caller = current.caller()
        ids: Iterable[int] = sent.ids
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
