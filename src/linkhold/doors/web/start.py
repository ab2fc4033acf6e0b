"""The page that Linkhold on a home screen opens with."""

from __future__ import annotations

from flask import redirect, url_for
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response as BaseResponse

from linkhold.doors.web import finding, frame
from linkhold.doors.web.blueprint import bp

UNREAD, NEWEST = 5, 10


@bp.get("/start")
def start() -> BaseResponse:
    """Show what a phone is taken out for: the field that saves, what is to be read, what came last."""
    newest = finding.find("", None).found.links
    if not newest:
        return redirect(url_for("web.home"))
    unread = finding.find("is:unread -is:archived", None).found.links[:UNREAD]
    ids = {link.id for link in unread}
    others = [link for link in newest if link.id not in ids][:NEWEST]
    return frame.page("start.html", unread=unread, newest=others, form=MultiDict[str, str](), faults={})
