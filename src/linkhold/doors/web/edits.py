"""The form that edits a link, and what becomes of it when something else changed the link meanwhile."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from flask import request
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as BaseResponse

from linkhold import clock
from linkhold.doors import current
from linkhold.doors.web import addresses, comparing, frame, message
from linkhold.doors.web.blueprint import bp
from linkhold.doors.web.comparing import STATES, TEXTS, Compared
from linkhold.doors.web.library import tags_of
from linkhold.doors.web.speaking import gettext
from linkhold.errors import BadInput, Conflict
from linkhold.links import editing, history, reading
from linkhold.links.models import Link


@bp.get("/link/<id:link_id>/edit")
def show_edit(link_id: int) -> BaseResponse:
    """Show the form that edits a link."""
    link = _get(link_id)
    back = addresses.local_path(request.args.get("back", f"/link/{link_id}"))
    return frame.page("edit.html", link=link, form=_form(link), faults={}, others={}, back=back)


@bp.post("/link/<id:link_id>/edit")
def edit_link(link_id: int) -> BaseResponse:
    """Give a link what the person changed; what cannot be comes back to be mended."""
    begun = clock.now()
    try:
        with current.runtime().transaction() as session:
            compared = _edit(session, link_id)
    except Conflict as error:
        return _mend(link_id, {"url": error.message}, 409)
    except BadInput as error:
        return _mend(link_id, dict(error.faults), 400)
    return _ask(link_id, compared) if compared.others else _back(link_id, begun)


def _edit(session: Session, link_id: int) -> Compared:
    """Edit, unless something else changed what the person changed too."""
    caller = current.caller()
    link = reading.locked(session, caller.account_id, link_id)
    compared = _compared(session, link)
    wanted = current.runtime().drafting.edit(**compared.wanted)
    if not compared.others:
        editing.edit(session, caller.account_id, link_id, wanted, origin=caller.origin)
    return compared


def _compared(session: Session, link: Link) -> Compared:
    """Compare the form with the link as it was when the form was opened, and as it is now."""
    now = {name: getattr(link, name) for name in (*TEXTS, *STATES, "tags")}
    seen = request.form.get("version", link.version, type=int)
    opened = history.as_of(session, link, seen)
    tags = tags_of(request.form["tags"]) if "tags" in request.form else None
    return comparing.compare(request.form, tags, opened=now if opened is None else opened, now=now)


def _back(link_id: int, begun: datetime) -> BaseResponse:
    with current.runtime().reading() as session:
        owner = current.caller().account_id
        return frame.back(message.since(session, owner, link_id, begun, otherwise="same"))


def _ask(link_id: int, compared: Compared) -> BaseResponse:
    """Show what the person wrote beside what the link has now; saving that again says that it is meant."""
    told = gettext(
        "This link was changed elsewhere while you edited it. What you wrote is still here, and below it what"
        " stands there now: saving again replaces that."
    )
    link = _get(link_id)
    wanted = {**compared.wanted, "tags": " ".join(compared.wanted.get("tags", link.tags))}
    faults = {name: gettext("Elsewhere it became:") for name in compared.others}
    form = {**_form(link), **wanted}
    return _page(link, form, {"all": told, **faults}, 412, others=compared.others)


def _mend(link_id: int, faults: Mapping[str, str], status: int) -> BaseResponse:
    link = _get(link_id)
    form = {**_form(link), **request.form.to_dict(), **{name: name in request.form for name in STATES}}
    return _page(link, form, faults, status, others={})


def _page(
    link: Link, form: Mapping[str, Any], faults: Mapping[str, str], status: int, *, others: Mapping[str, str]
) -> BaseResponse:
    back = addresses.local_path(request.form.get("back", "/"))
    return frame.page(
        "edit.html", status=status, link=link, form=form, faults=faults, others=others, back=back
    )


def _form(link: Link) -> dict[str, Any]:
    """Return the fields of a link as its form has them."""
    values = {name: getattr(link, name) for name in (*TEXTS, *STATES, "version")}
    return {**values, "tags": " ".join(link.tags)}


def _get(link_id: int) -> Link:
    with current.runtime().reading() as session:
        return reading.get(session, current.caller().account_id, link_id)
