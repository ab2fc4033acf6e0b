"""Saving from elsewhere: the form that other programs open, filled in, and the bookmarklet that opens it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from flask import make_response, render_template, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from linkhold.doors import current
from linkhold.doors.web import frame, keeping, message, typed
from linkhold.doors.web.blueprint import bp
from linkhold.doors.web.library import tags_of
from linkhold.errors import BadInput
from linkhold.links import reading
from linkhold.links.drafting import Draft
from linkhold.links.found import joined
from linkhold.links.models import Link

TEXTS = ("url", "title", "description", "notes", "tags")
KEPT = ("title", "description", "notes")
STATES = ("unread", "shared")
# The words that are selected on the page become the description. Nothing of it has to be escaped but spaces.
BOOKMARKLET = (
    "(function(){var e=encodeURIComponent,s=String(getSelection()).slice(0,2000);"
    "window.open(%s+'?auto_close&url='+e(location.href)+'&title='+e(document.title)"
    "+(s?'&description='+e(s):''),'linkhold','width=560,height=760')})()"
)


@bp.get("/bookmarks/new")
def new_link() -> BaseResponse:
    """Show the form that saves a link, filled in with what the address has; nothing is saved yet."""
    given = {name: request.args.get(name, "") for name in TEXTS}
    form = {**given, **{name: name in request.args for name in STATES}}
    try:
        wanted = draft(form) if given["url"].strip() else None
    except BadInput as error:
        return _page(form, faults=dict(error.faults))
    return _page(form, known=_known(wanted) if wanted else None)


@bp.post("/bookmarks/new")
def save_new_link() -> BaseResponse:
    """Save what the form has; what cannot be a link comes back to be mended."""
    if keeping.is_for_another():
        return keeping.for_another()
    form = read(request.form)
    try:
        wanted = draft(form)
    except BadInput as error:
        if keeping.is_quiet():
            return keeping.refusal(error)
        return _page(form, faults=dict(error.faults), status=400)
    back = url_for("web.saved_and_done") if "auto_close" in request.form else url_for("web.home")
    return keeping.answer(wanted, back=back)


@bp.get("/bookmarks/close")
def saved_and_done() -> BaseResponse:
    """Say that the link was saved, in a window that then closes itself."""
    return make_response(render_template("close.html", message=message.read()))


@bp.get("/tools")
def show_tools() -> BaseResponse:
    """Show the ways to save a link."""
    return frame.page("tools.html", bookmarklet=bookmarklet(url_for("web.new_link", _external=True)))


def bookmarklet(address: str) -> str:
    """Return the address that, as a bookmark, opens the form of `address` for the page one looks at."""
    # A quotation mark in the address of a server would end the script's text: JSON escapes it.
    return "javascript:" + quote(BOOKMARKLET % json.dumps(address), safe="(){}[]'\"!*;:@&=+$,/?.")


def read(form: Mapping[str, str]) -> dict[str, Any]:
    """Return the fields of the form that saves a link."""
    texts = {name: form.get(name, "").replace("\r\n", "\n") for name in TEXTS}
    return {**texts, **{name: name in form for name in STATES}}


def draft(form: dict[str, Any]) -> Draft:
    """Return the draft of a form; words beside the address are moved into the fields that they belong to.

    Other programs put all that a person shared into the field of the address: `A title: https://…`.
    """
    found = typed.find(form["url"])
    if len(found) == 1:
        title, more = form["title"] or found[0].title, found[0].title if form["title"] else ""
        notes = joined(form["notes"], more, found[0].notes)
        form.update(url=found[0].url, title=title, notes=notes)
    texts = {name: form[name] for name in KEPT}
    states = {name: form[name] for name in STATES}
    return current.runtime().drafting.draft(form["url"], **texts, **states, tags=tags_of(form["tags"]))


def _known(draft: Draft) -> Link | None:
    with current.runtime().reading() as session:
        return reading.known(session, current.caller().account_id, draft.identity)


def _page(
    form: Mapping[str, Any],
    *,
    known: Link | None = None,
    faults: Mapping[str, str] | None = None,
    status: int = 200,
) -> BaseResponse:
    """Show the form; what a known link has already stands in it, so that saving replaces no words unseen."""
    values = {**form, **{name: getattr(known, name) or form[name] for name in KEPT}} if known else form
    closes = "auto_close" in request.values
    return frame.page("new.html", status=status, form=values, known=known, faults=faults or {}, closes=closes)
