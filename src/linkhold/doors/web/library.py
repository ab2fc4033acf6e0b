"""The library as a page: add, search, list; and acts on many of its links."""

from __future__ import annotations

from collections.abc import Mapping

from flask import request
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response as BaseResponse

from linkhold.doors import current, reply
from linkhold.doors.web import finding, frame, keeping, speaking, typed
from linkhold.doors.web.blueprint import bp
from linkhold.errors import BadInput
from linkhold.links import completion
from linkhold.links.drafting import Draft
from linkhold.links.shares import Share

LONGEST_TYPED = 300


@bp.get("/")
def home() -> BaseResponse:
    """Show the newest links, or what a search finds."""
    return _home()


@bp.post("/")
def save() -> BaseResponse:
    """Save what was typed; text without a link comes back to be mended."""
    if keeping.is_for_another():
        return keeping.for_another()
    form = request.form
    try:
        draft = wanted(form)
    except BadInput as error:
        if keeping.is_quiet():
            return keeping.refusal(error)
        return _home(form, faults=dict(error.faults), status=400)
    return keeping.answer(draft, back=form.get("back", "/"))


def wanted(form: Mapping[str, str]) -> Draft | Share:
    """Return what the field that saves has; raises what `typed.read` raises."""
    return typed.read(form.get("url", ""), title=form.get("title", ""), tags=tags_of(form.get("tags", "")))


@bp.get("/complete.json")
def complete() -> BaseResponse:
    """Answer what the word that is being typed may become."""
    typed = request.args.get("typed", "")[:LONGEST_TYPED]
    act = completion.complete_tag if request.args.get("of") == "tags" else completion.complete
    with current.runtime().reading() as session:
        found = act(session, current.caller().account_id, typed)
    return reply.json(
        {"completions": [{"text": each.text, "note": speaking.translated(each.note)} for each in found]}
    )


def tags_of(text: str) -> list[str]:
    """Return tags as they were typed, with spaces or commas between."""
    return text.replace(",", " ").split()


def _home(
    form: Mapping[str, str] | None = None, *, faults: Mapping[str, str] | None = None, status: int = 200
) -> BaseResponse:
    listing = finding.find(request.args.get("q", ""), request.args.get("after"))
    values = form if form is not None else MultiDict[str, str]()
    return frame.page("library.html", status=status, listing=listing, form=values, faults=faults or {})
