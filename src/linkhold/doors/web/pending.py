"""What somebody sent to be saved who was not logged in any more: carried through the log-in, saved after it.

It goes into the log-in form, and with that into the answer to nobody but whoever sent it. Another site
cannot put it there: a form of another site is refused before anybody is asked who they are.
"""

from __future__ import annotations

import json
from collections.abc import Mapping

from flask import request, url_for
from werkzeug.wrappers import Response as BaseResponse

from linkhold.doors import identify
from linkhold.doors.current import Caller, set_caller
from linkhold.doors.web import adding, installing, keeping, library
from linkhold.errors import BadInput
from linkhold.links.changes import Origin
from linkhold.links.drafting import Draft
from linkhold.links.shares import Share

NAME = "pending"
FIELDS = {
    "web.save": ("url", "title", "tags"),
    "web.save_new_link": (*adding.TEXTS, *adding.STATES, "auto_close"),
    "web.receive": ("title", "text", "url"),
}
"""What is carried, by where it was sent to."""


def sent() -> str:
    """Return what this request wanted to be saved, to be carried; blank if it wanted something else."""
    names = FIELDS.get(request.endpoint or "") if request.method == "POST" else None
    if names is None:
        return ""
    fields = {name: request.form[name] for name in names if name in request.form}
    return json.dumps({**fields, "to": request.endpoint}) if any(fields.values()) else ""


def carried() -> str:
    """Return what the log-in form carries."""
    return request.form.get(NAME, "")


def save(text: str, account_id: int) -> BaseResponse | None:
    """Save what was carried, for the account that was just logged in to; None if it cannot be."""
    form = _read(text)
    if form is None:
        return None
    set_caller(Caller(account_id, identify.EVERYTHING, Origin("web")))
    back = url_for("web.saved_and_done") if "auto_close" in form else url_for("web.home")
    try:
        return keeping.answer(_wanted(form), back=back)
    except BadInput:
        return _as_text(form)


def _read(text: str) -> dict[str, str] | None:
    """Return the fields, as far as they are those of a form of ours."""
    try:
        form = json.loads(text)
    except ValueError:
        return None
    if not isinstance(form, dict) or not all(isinstance(value, str) for value in form.values()):
        return None
    names = FIELDS.get(form.get("to", ""))
    return None if names is None else {name: form[name] for name in (*names, "to") if name in form}


def _wanted(form: Mapping[str, str]) -> Draft | Share:
    if form["to"] == "web.receive":
        return installing.shared(form)
    if form["to"] == "web.save":
        return library.wanted(form)
    return adding.draft(adding.read(form))


def _as_text(form: Mapping[str, str]) -> BaseResponse | None:
    """Keep what cannot be a link in the inbox: there it can be made one."""
    words = "\n".join(value for name, value in form.items() if name not in {"to", *adding.STATES})
    try:
        return keeping.answer(Share(text=words), back=url_for("web.home"))
    except BadInput:
        return None
