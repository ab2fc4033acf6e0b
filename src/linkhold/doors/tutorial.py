"""The door `/links`: the endpoint of the tutorial that Linkhold grew from, as its clients know it."""

from __future__ import annotations

from collections.abc import Iterator

from flask import Blueprint, Response, request
from werkzeug.http import parse_list_header

from linkhold.doors import current, inputs, reply, saves
from linkhold.errors import BadInput
from linkhold.links import reading
from linkhold.runtime import Runtime

bp = Blueprint("tutorial", __name__)

BATCH = 2000
"""URLs fetched at once: the memory of an answer, however long the list is."""


@bp.get("/links")
def list_urls() -> Response:
    """Answer every URL of the library as a JSON array, the oldest save first."""
    return _all_urls()


@bp.post("/links")
def save_url() -> Response:
    """Save a URL and answer as GET does, or with nothing when the client prefers that.

    A token that may not read is answered the URL that it saved, and nothing else of the library.
    """
    url = inputs.json_object().get("url")
    if not isinstance(url, str):
        raise BadInput("Give a string by the name url.", field="url")
    saved = saves.save(current.runtime().drafting.draft(url))
    if _prefers_minimal():
        return Response(status=204, headers={"Preference-Applied": "return=minimal"})
    if "read" not in current.caller().scopes:
        return reply.json([saved.link.url])
    return _all_urls()


def _prefers_minimal() -> bool:
    """Tell whether the client sent `Prefer: return=minimal` (RFC 7240)."""
    for each in parse_list_header(",".join(request.headers.getlist("Prefer"))):
        name, _, value = each.partition(";")[0].partition("=")
        if name.strip().lower() == "return":
            # Of several the first counts, and it may stand in quotes.
            return value.strip().strip('"').lower() == "minimal"
    return False


def _all_urls() -> Response:
    runtime, owner = current.runtime(), current.caller().account_id
    # The first batch comes before the status is sent: a database that is away is a 503, not half a list.
    first = _batch(runtime, owner, after=0)
    return Response(_written(runtime, owner, first), mimetype=reply.JSON)


def _batch(runtime: Runtime, owner: int, *, after: int) -> tuple[str, int] | None:
    with runtime.reading() as session:
        return reading.url_batch(session, owner, after=after, size=BATCH)


def _written(runtime: Runtime, owner: int, batch: tuple[str, int] | None) -> Iterator[bytes]:
    opening = b"["
    while batch is not None:
        urls, last_id = batch
        yield opening + urls.encode()
        opening = b","
        batch = _batch(runtime, owner, after=last_id)
    yield b"[]" if opening == b"[" else b"]"
