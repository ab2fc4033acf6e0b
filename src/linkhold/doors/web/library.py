"""The library as pages: add, list, trash, restore."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from urllib.parse import urlsplit

from flask import make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from linkhold.doors import current, saves
from linkhold.doors.web.blueprint import bp
from linkhold.errors import BadInput, NotFound
from linkhold.links import reading, trash
from linkhold.links.models import Link
from linkhold.links.reading import Cursor, Page

PAGE = 50


@bp.get("/")
def home() -> BaseResponse:
    """Show the newest links, and the message of what was just done."""
    return _home()


@bp.post("/")
def save() -> BaseResponse:
    """Save what was typed; what cannot be a link comes back to be mended."""
    form = request.form
    try:
        draft = current.runtime().drafting.draft(
            form.get("url", ""),
            title=form.get("title", ""),
            tags=form.get("tags", "").replace(",", " ").split(),
        )
    except BadInput as error:
        return _home(faults=dict(error.faults), status=400)
    saved = saves.save(draft)
    done = "saved" if saved.created else "merged"
    return _back(saved.link.id, done)


@bp.post("/link/<id:link_id>/trash")
def trash_link(link_id: int) -> BaseResponse:
    """Move a link to the trash; the message offers to undo it."""
    caller = current.caller()
    with current.runtime().transaction() as session:
        trash.trash(session, caller.account_id, link_id, origin=caller.origin)
    return _back(link_id, "trashed")


@bp.post("/link/<id:link_id>/restore")
def restore_link(link_id: int) -> BaseResponse:
    """Take a link out of the trash."""
    caller = current.caller()
    with current.runtime().transaction() as session:
        trash.restore(session, caller.account_id, link_id, origin=caller.origin)
    return _back(link_id, "restored")


@bp.get("/trash")
def trashed() -> BaseResponse:
    """Show what is in the trash."""
    before = request.args.get("before")
    page = render_template("trash.html", page=_page(trashed=True), name=_name(), before=before)
    return make_response(page)


def _back(link_id: int, done: str) -> BaseResponse:
    """Lead back to the page of the library that was seen, with the message of what was done."""
    before = request.args.get("before")
    return redirect(url_for("web.home", link=link_id, done=done, before=before), code=303)


def _home(*, faults: Mapping[str, str] | None = None, status: int = 200) -> BaseResponse:
    page = render_template(
        "library.html",
        page=_page(),
        name=_name(),
        form=request.form,
        faults=faults or {},
        done=_done(),
        before=request.args.get("before"),
    )
    return make_response(page, status)


def _name() -> str:
    return current.caller().account_name


def _page(*, trashed: bool = False) -> Page:
    before = request.args.get("before")
    after = Cursor.parse(before) if before else None
    with current.runtime().reading() as session:
        return reading.newest(session, current.caller().account_id, limit=PAGE, after=after, trashed=trashed)


def _done() -> tuple[str, Link] | None:
    """Return what was just done, and to which link, as far as the address tells the truth."""
    link_id, done = request.args.get("link", type=int), request.args.get("done", "")
    if link_id is None or not 0 < link_id < 2**63:
        return None
    try:
        with current.runtime().reading() as session:
            link = reading.get(session, current.caller().account_id, link_id)
    except NotFound:
        return None
    if done not in ({"trashed"} if link.trashed_at else {"saved", "merged", "restored"}):
        return None
    return done, link


@bp.app_template_filter()
def site(url: str) -> str:
    """Return the host of a URL as people name it."""
    try:
        return (urlsplit(url).hostname or "").removeprefix("www.")
    except ValueError:
        return ""


@bp.app_template_filter()
def day(moment: datetime) -> str:
    """Return a day as it is written in a list."""
    return f"{moment.day} {moment:%b %Y}"
