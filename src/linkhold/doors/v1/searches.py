"""Saved searches through `/api/v1`."""

from __future__ import annotations

from typing import Annotated, Any

from flask import Response
from pydantic import BaseModel, ConfigDict, Field

from linkhold.doors import current, inputs, reply
from linkhold.doors.v1 import shapes
from linkhold.doors.v1.blueprint import bp
from linkhold.doors.v1.openapi import operation
from linkhold.links import saved_searches
from linkhold.links.models import SavedSearch

SAVED: dict[str, Any] = {"id": 3, "name": "To read", "query": "is:unread -#work", "position": 0}
SEARCH = "/searches/<id:search_id>"


class SearchDraft(shapes.In):
    """A search to be kept by a name."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"name": "To read", "query": "is:unread -#work"}]}
    )

    name: Annotated[str, Field(min_length=1)]
    query: str


class SearchEdit(shapes.In):
    """New values for a saved search; what is left out stays."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"position": 0}]})

    # See shapes.LinkEdit: each may be left out, and none may be null.
    name: Annotated[str, Field(min_length=1, default_factory=str)]
    query: Annotated[str, Field(default_factory=str)]
    position: Annotated[
        int, Field(ge=0, lt=10_000, default_factory=int, description="Its place in the order, from 0.")
    ]


class SearchShape(BaseModel):
    """A saved search."""

    model_config = shapes.example(SAVED)

    id: int
    name: str
    query: str
    position: int


class SearchesShape(BaseModel):
    """All saved searches, in their order."""

    model_config = shapes.example({"searches": [SAVED]})

    searches: list[SearchShape]


@bp.get("/searches")
@operation(answers={200: SearchesShape})
def list_searches() -> Response:
    """List the saved searches in their order."""
    with current.runtime().reading() as session:
        found = saved_searches.every(session, current.caller().account_id)
        return reply.json({"searches": [_search(each) for each in found]})


@bp.post("/searches")
@operation(body=SearchDraft, answers={201: SearchShape}, problems=(400, 413, 415))
def save_search() -> Response:
    """Keep a search by a name, behind the others."""
    sent, _ = inputs.body(SearchDraft)
    with current.runtime().transaction() as session:
        kept = saved_searches.add(session, current.caller().account_id, name=sent.name, query=sent.query)
    return reply.json(_search(kept), status=201)


@bp.patch(SEARCH)
@operation(body=SearchEdit, answers={200: SearchShape}, problems=(400, 404, 413, 415), patch=True)
def edit_search(search_id: int) -> Response:
    """Rename a saved search, change what it looks for, or move it."""
    sent, _ = inputs.body(SearchEdit, patch=True)
    given = sent.model_dump(exclude_unset=True)
    with current.runtime().transaction() as session:
        kept = saved_searches.change(session, current.caller().account_id, search_id, **given)
    return reply.json(_search(kept))


@bp.delete(SEARCH)
@operation(answers={204: None}, problems=(404,))
def delete_search(search_id: int) -> Response:
    """Forget a saved search."""
    with current.runtime().transaction() as session:
        saved_searches.remove(session, current.caller().account_id, search_id)
    return Response(status=204)


def _search(search: SavedSearch) -> dict[str, Any]:
    return {name: getattr(search, name) for name in SearchShape.model_fields}
