"""Saved searches as a page: kept, renamed, moved, forgotten."""

from __future__ import annotations

from typing import Any

from flask import redirect, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from linkhold.doors import current
from linkhold.doors.web import frame, message
from linkhold.doors.web.blueprint import bp
from linkhold.errors import BadInput
from linkhold.links import saved_searches

HIGHEST = 10_000


@bp.get("/searches")
def show_searches() -> BaseResponse:
    """Show the saved searches, to be renamed, moved and forgotten."""
    return _page({})


@bp.post("/searches")
def keep_search() -> BaseResponse:
    """Keep a search by a name; the library shows it afterwards."""
    name, query = request.form.get("name", ""), request.form.get("query", "")
    try:
        with current.runtime().transaction() as session:
            kept = saved_searches.add(session, current.caller().account_id, name=name, query=query)
    except BadInput as error:
        return _page(_at("new", error), status=400)
    return redirect(url_for("web.home", q=query, done=message.of_search(kept.id)), code=303)


@bp.post("/searches/<id:search_id>")
def change_search(search_id: int) -> BaseResponse:
    """Rename a saved search, change what it looks for, or move it."""
    form = request.form
    given: dict[str, Any] = {name: form[name] for name in ("name", "query") if name in form}
    position = form.get("position", type=int)
    if position is not None:
        given["position"] = max(0, min(position, HIGHEST))
    try:
        with current.runtime().transaction() as session:
            saved_searches.change(session, current.caller().account_id, search_id, **given)
    except BadInput as error:
        return _page(_at(search_id, error), wrong=search_id, status=400)
    done = "search-changed" if position is None else "search-moved"
    return redirect(url_for("web.show_searches", done=done), code=303)


@bp.post("/searches/<id:search_id>/forget")
def forget_search(search_id: int) -> BaseResponse:
    """Forget a saved search; the page then offers to keep it after all."""
    owner = current.caller().account_id
    with current.runtime().transaction() as session:
        gone = saved_searches.get(session, owner, search_id)
        name, query = gone.name, gone.query
        saved_searches.remove(session, owner, search_id)
    again = url_for("web.show_searches", name=name, query=query, done="search-forgotten")
    return redirect(again, code=303)


def _at(form: int | str, error: BadInput) -> dict[str, str]:
    """Return the faults by the ids of the fields that they belong to, in one of the forms of the page."""
    return {f"{field}-{form}": fault for field, fault in error.faults}


def _page(faults: dict[str, str], *, status: int = 200, **values: object) -> BaseResponse:
    given = request.form if request.method == "POST" and not values else request.args
    draft = {"name": given.get("name", ""), "query": given.get("query", "")}
    return frame.page("searches.html", status=status, draft=draft, faults=faults, **values)
