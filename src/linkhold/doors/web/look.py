"""Errors as pages: in the language and the look of who is logged in, with their side column."""

from __future__ import annotations

from http import HTTPStatus

from flask import Response, make_response, redirect, render_template, request, url_for
from werkzeug.exceptions import BadHost, SecurityError
from werkzeug.wrappers import Response as BaseResponse

from linkhold.doors import current, identify, reply
from linkhold.doors.web import entry, failures, frame, pending
from linkhold.doors.web.speaking import gettext, translated
from linkhold.errors import DatabaseFault, LinkholdError, NotAuthenticated


def error_page(*, status: int, error: LinkholdError | None = None) -> BaseResponse:
    """Return an error as a page; who is not logged in is led to the log-in, and back afterwards."""
    if isinstance(error, NotAuthenticated):
        carried = pending.sent()
        if carried:
            return entry.asking(pending=carried)
        wanted = request.full_path.rstrip("?") if request.method == "GET" else url_for("web.home")
        return redirect(url_for("web.login", next=wanted), code=303)
    if isinstance(request.routing_exception, BadHost | SecurityError):
        # No address can be built below such a host, and a page needs that of its stylesheet.
        title, detail = _told(status, error)
        return Response(f"{title}\n{detail}\n", status=status, mimetype="text/plain")
    page = _page(status, error)
    for name, value in reply.headers_of_error(error) if error else ():
        page.headers.add(name, value)
    return page


def _page(status: int, error: LinkholdError | None) -> BaseResponse:
    """Return the page; what the side column is read from must not be what failed."""
    if status < HTTPStatus.INTERNAL_SERVER_ERROR:
        try:
            identify.recognise(request)
            if current.person() is not None:
                title, detail = _told(status, error)
                return frame.page("error.html", status=status, number=status, title=title, detail=detail)
        except DatabaseFault:
            pass
    title, detail = _told(status, error)
    page = render_template("error.html", person=None, number=status, title=title, detail=detail)
    return make_response(page, status)


def _told(status: int, error: LinkholdError | None) -> tuple[str, str]:
    """Return the heading and the sentence, in the language of the page."""
    heading, sentence = failures.of(status)
    return gettext(heading), gettext(sentence) if error is None else translated(error.message)
