"""Errors as pages."""

from __future__ import annotations

from flask import Response, redirect, render_template, request, url_for
from werkzeug.exceptions import BadHost, SecurityError
from werkzeug.wrappers import Response as BaseResponse

from linkhold.doors import reply
from linkhold.errors import LinkholdError, NotAuthenticated


def error_page(*, status: int, title: str, detail: str, error: LinkholdError | None = None) -> BaseResponse:
    """Return an error as a page; who is not logged in is led to the log-in, and back afterwards."""
    if isinstance(error, NotAuthenticated):
        wanted = request.full_path.rstrip("?") if request.method == "GET" else url_for("web.home")
        return redirect(url_for("web.login", next=wanted), code=303)
    if isinstance(request.routing_exception, BadHost | SecurityError):
        # No address can be built below such a host, and a page needs that of its stylesheet.
        return Response(f"{title}\n{detail}\n", status=status, mimetype="text/plain")
    page = Response(render_template("error.html", status=status, title=title, detail=detail), status=status)
    for name, value in reply.headers_of_error(error) if error else ():
        page.headers.add(name, value)
    return page
