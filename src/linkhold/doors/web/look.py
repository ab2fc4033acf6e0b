"""What all pages share: the stylesheet and icon under names that change with them, and error pages."""

from __future__ import annotations

import hashlib
import re
from functools import cache
from pathlib import Path

from flask import Response, redirect, render_template, request, url_for
from markupsafe import Markup
from werkzeug.exceptions import BadHost, SecurityError
from werkzeug.wrappers import Response as BaseResponse

from linkhold.doors import reply
from linkhold.doors.web.blueprint import bp
from linkhold.errors import LinkholdError, NotAuthenticated, NotFound

STATIC = Path(__file__).parent / "static"
FOR_EVER = "public, max-age=31536000, immutable"
BREAKS = re.compile(r"(?<=[/?&=#])(?=\w)")


@cache
def _file(name: str) -> tuple[bytes, str]:
    """Return a static file and the mark of its content that stands in its address."""
    content = (STATIC / name).read_bytes()
    return content, hashlib.sha256(content).hexdigest()[:12]


def _static(name: str, mark: str, mimetype: str) -> Response:
    content, current_mark = _file(name)
    if mark != current_mark:
        raise NotFound
    return Response(content, mimetype=mimetype, headers={"Cache-Control": FOR_EVER})


@bp.get("/style-<mark>.css")
def stylesheet(mark: str) -> Response:
    """Answer the stylesheet; its address changes with it, so it may be kept for ever."""
    return _static("style.css", mark, "text/css")


@bp.get("/icon-<mark>.svg")
def icon(mark: str) -> Response:
    """Answer the icon."""
    return _static("icon.svg", mark, "image/svg+xml")


@bp.app_template_filter()
def breakable(url: str) -> Markup:
    """Return a URL that wraps where a reader would break it."""
    return Markup("<wbr>").join(BREAKS.split(url))


@bp.app_template_global()
def style_url() -> str:
    """Return the address of the stylesheet."""
    return url_for("web.stylesheet", mark=_file("style.css")[1])


@bp.app_template_global()
def icon_url() -> str:
    """Return the address of the icon."""
    return url_for("web.icon", mark=_file("icon.svg")[1])


@bp.app_template_global()
def mark() -> Markup:
    """Return the icon as part of a page, so that it takes the page's colours."""
    return Markup(_file("icon.svg")[0].decode())  # noqa: S704 - a file of our own


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
