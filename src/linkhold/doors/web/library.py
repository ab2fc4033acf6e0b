"""The library as a page: add, search, list; and acts on many of its links."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

import orjson
from flask import request
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response as BaseResponse

from linkhold import clock
from linkhold.doors import current, reply, saves
from linkhold.doors.web import finding, frame, message, speaking
from linkhold.doors.web.blueprint import bp
from linkhold.errors import BadInput
from linkhold.links import completion
from linkhold.links.drafting import Draft
from linkhold.links.idempotency import Answer

LONGEST_TYPED = 300


@bp.get("/")
def home() -> BaseResponse:
    """Show the newest links, or what a search finds."""
    return _home()


@bp.post("/")
def save() -> BaseResponse:
    """Save what was typed; what cannot be a link comes back to be mended.

    A script that could not reach us sends it again later, with the `Idempotency-Key` of its first
    attempt, and asks for JSON.
    """
    form, quiet = request.form, request.accept_mimetypes.best_match(["text/html", reply.JSON]) == reply.JSON
    try:
        draft = current.runtime().drafting.draft(
            form.get("url", ""), title=form.get("title", ""), tags=tags_of(form.get("tags", ""))
        )
    except BadInput as error:
        if quiet:
            return reply.json({"fault": speaking.translated(error.message)}, status=400)
        return _home(form, faults=dict(error.faults), status=400)
    begun, owner = clock.now(), current.caller().account_id
    link_id = _saved(draft)
    if quiet:
        return reply.json({"id": link_id})
    with current.runtime().reading() as session:
        return frame.back(message.since(session, owner, link_id, begun, otherwise="known"))


def _saved(draft: Draft) -> int:
    """Save a draft, once for each key that the request may have, and return the link's id."""
    key = request.headers.get("Idempotency-Key")
    if key is None:
        return saves.save(draft).link.id
    sent = [draft.url, draft.title, draft.tags]
    answer = saves.save_once(
        key,
        draft,
        fingerprint=hashlib.sha256(reply.encoded(sent)).digest(),
        answer=lambda saved: Answer(200, reply.encoded({"id": saved.link.id})),
    )
    return int(orjson.loads(answer.body)["id"])


@bp.get("/complete.json")
def complete() -> BaseResponse:
    """Answer what the word that is being typed may become."""
    typed = request.args.get("typed", "")[:LONGEST_TYPED]
    act = completion.complete_tag if request.args.get("of") == "tags" else completion.complete
    with current.runtime().reading() as session:
        found = act(session, current.caller().account_id, typed)
    return reply.json({"completions": [{"text": each.text, "note": each.note} for each in found]})


def tags_of(text: str) -> list[str]:
    """Return tags as they were typed, with spaces or commas between."""
    return text.replace(",", " ").split()


def _home(
    form: Mapping[str, str] | None = None, *, faults: Mapping[str, str] | None = None, status: int = 200
) -> BaseResponse:
    listing = finding.find(request.args.get("q", ""), request.args.get("after"))
    values = form if form is not None else MultiDict[str, str]()
    return frame.page("library.html", status=status, listing=listing, form=values, faults=faults or {})
