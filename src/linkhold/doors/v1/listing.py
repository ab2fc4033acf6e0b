"""Listing and searching through `/api/v1`: a page at a time, or all of it as a stream."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import replace
from typing import Annotated, Any

from flask import Response, request
from pydantic import BaseModel, ConfigDict, Field

from linkhold import metrics
from linkhold.doors import current, inputs, reply
from linkhold.doors.v1 import shapes, understood
from linkhold.doors.v1.blueprint import bp
from linkhold.doors.v1.openapi import operation
from linkhold.doors.v1.understood import Remarks, Understood
from linkhold.errors import BadInput
from linkhold.links import highlighting, language, search
from linkhold.links.language import Query
from linkhold.links.places import Place
from linkhold.links.search import Found, FoundLink
from linkhold.links.trees import And, Sort, State, joined
from linkhold.runtime import Runtime

NEXT = "WyJhZGRlZCIsIjIwMjYtMTEtMjNUMTM6MjM6NTguOTE5Mzg2KzAwOjAwIiwxN10"
"""A cursor for the examples."""
STREAMED_AT_ONCE = 1000
HIGHLIGHTED = ("title", "url", "description", "notes")


class ListQuery(BaseModel):
    """Which links, and what of them."""

    model_config = ConfigDict(extra="forbid")

    q: Annotated[
        str,
        Field(
            description="What to look for, in the search language; everything if left out.",
            examples=["postgres #db -is:archived"],
        ),
    ] = ""
    limit: Annotated[
        int | None,
        Field(
            ge=1,
            description="How many links at most: 100 of a page, and all of a stream. A page has up to"
            f" {shapes.MOST_LISTED}; a stream ends after any number.",
            examples=[20],
        ),
    ] = None
    cursor: Annotated[str | None, Field(description="`next` of the page before.", examples=[NEXT])] = None
    sort: Annotated[
        Sort | None,
        Field(description="The order; `sort:` in the search says it as well.", examples=["added"]),
    ] = None
    trashed: Annotated[
        bool,
        Field(description="List the trash: the same as `is:trashed` in the search.", examples=[False]),
    ] = False
    fields: shapes.Fields = None
    highlight: Annotated[
        bool, Field(description="Tell where in each link the words are.", examples=[True])
    ] = False


class CountShape(BaseModel):
    """How many links a search finds."""

    value: int
    exact: Annotated[bool, Field(description="Whether it is that many; if not, it is more.")]


class FragmentShape(BaseModel):
    """A part of a link's text, with the hits in it."""

    field: str
    text: str
    marks: Annotated[
        list[tuple[int, int]], Field(description="Where each hit begins and ends, in characters of `text`.")
    ]


class FoundShape(shapes.LinkPart):
    """A link that was found: all its fields, or those that were asked for."""

    highlights: Annotated[list[FragmentShape] | None, Field(description="With `highlight=true`.")] = None


class PageShape(BaseModel):
    """Some links, and where the listing goes on."""

    model_config = shapes.example(
        {
            "links": [shapes.LINK],
            "next": NEXT,
            "count": {"value": 100, "exact": False},
            "understood": "postgres and #db",
            "remarks": [],
        }
    )

    links: list[FoundShape]
    next: Annotated[str | None, Field(description="The cursor of the next page; null at the end.")]
    count: Annotated[CountShape | None, Field(description="With the first page.")]
    understood: Understood
    remarks: Remarks


@bp.get("/links")
@operation(
    query=ListQuery,
    answers={200: PageShape},
    problems=(400,),
    media=(reply.NDJSON,),
    tells=understood.HEADERS,
)
def list_links() -> Response:
    """List or search links, the newest first.

    `next` is the cursor of the following page, or null at the end. A page costs the same however
    far down it is, and links saved meanwhile do not shift it. With `Accept: application/x-ndjson`
    the answer is a stream of all that is found, one link a line, and what is said beside the links
    stands in the headers `Linkhold-Understood` and `Linkhold-Remarks`, as JSON.

    No search is an error: `understood` says how yours was read, and `remarks` what was passed over.
    """
    asked = inputs.query(ListQuery)
    after = Place.parse(asked.cursor) if asked.cursor is not None else None
    fields = fields_named(asked.fields)
    query = _query(asked)
    if request.accept_mimetypes.best_match([reply.JSON, reply.NDJSON]) == reply.NDJSON:
        return _stream(query, asked, after, fields)
    if asked.limit is not None and asked.limit > shapes.MOST_LISTED:
        raise BadInput(
            f"A page has at most {shapes.MOST_LISTED} links; a stream may have more.", field="limit"
        )
    found = _find(
        current.runtime(), current.caller().account_id, query, limit=asked.limit or 100, after=after
    )
    answer = reply.json(
        {
            "links": [_shown(link, query, fields, highlight=asked.highlight) for link in found.links],
            "next": str(found.next) if found.next else None,
            "count": {"value": found.count.value, "exact": found.count.exact} if found.count else None,
            **understood.told(query),
        }
    )
    answer.add_etag(weak=True)
    answer.make_conditional(request)
    return answer


def _query(asked: ListQuery) -> Query:
    """Read the search by itself: what stands beside it must not become a part of its last words."""
    query = language.parse(asked.q)
    tree = joined(And, [query.tree, State("trashed")]) if asked.trashed else query.tree
    return replace(query, tree=tree, sort=asked.sort or query.sort)


def fields_named(names: str | None) -> Collection[str]:
    """Return the fields of a link that are named, all if nothing is; raises `BadInput` for any other."""
    if names is None:
        return shapes.FIELDS
    wanted = [name.strip() for name in names.split(",") if name.strip()]
    unknown = sorted(set(wanted).difference(shapes.FIELDS))
    if unknown or not wanted:
        known = ", ".join(shapes.FIELDS)
        raise BadInput(f"A link has no field {', '.join(unknown) or '“”'}; it has {known}.", field="fields")
    return wanted


def _find(runtime: Runtime, owner: int, query: Query, *, limit: int, after: Place | None) -> Found:
    with metrics.SEARCHES.time(), runtime.reading() as session:
        statistics = runtime.statistics.current(session)
        return search.find(session, owner, query, limit=limit, after=after, statistics=statistics)


def _shown(link: FoundLink, query: Query, fields: Collection[str], *, highlight: bool) -> dict[str, Any]:
    shown = shapes.link(link, fields)
    if highlight:
        texts = {name: getattr(link, name) for name in HIGHLIGHTED}
        found = highlighting.fragments(query, texts)
        shown["highlights"] = [
            {"field": each.field, "text": each.text, "marks": each.marks} for each in found
        ]
    return shown


def _stream(query: Query, asked: ListQuery, after: Place | None, fields: Collection[str]) -> Response:
    """Answer what is found as it is read, a thousand links at a time: no connection is held meanwhile."""
    runtime, owner = current.runtime(), current.caller().account_id
    size = min(asked.limit or STREAMED_AT_ONCE, STREAMED_AT_ONCE)
    first = _find(runtime, owner, query, limit=size, after=after)

    def lines() -> Iterator[bytes]:
        found, left = first, asked.limit
        while True:
            shown = (_shown(link, query, fields, highlight=asked.highlight) for link in found.links)
            yield b"".join(reply.encoded(each) + b"\n" for each in shown)
            left = None if left is None else left - len(found.links)
            if found.next is None or left == 0:
                return
            size = min(left or STREAMED_AT_ONCE, STREAMED_AT_ONCE)
            found = _find(runtime, owner, query, limit=size, after=found.next)

    return reply.lines(lines(), headers=understood.headers(query))
