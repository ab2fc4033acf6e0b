"""The WSGI application, put together: the doors, the table of errors, and what every answer carries."""

from __future__ import annotations

import logging
from collections.abc import Callable
from http import HTTPStatus
from typing import Any, TypeVar

from flask import Flask, Response, request
from flask.globals import request_ctx
from werkzeug.exceptions import HTTPException, RequestEntityTooLarge
from werkzeug.routing import BaseConverter
from werkzeug.wrappers import Response as BaseResponse

from linkhold import errors, metrics
from linkhold.accounts import audit
from linkhold.config import variable
from linkhold.db import engine as engines
from linkhold.doors import compression, cors, current, identify, ops, reply, share, tutorial, v1, web
from linkhold.doors.body import Request
from linkhold.doors.envelope import ROUTE, Envelope
from linkhold.doors.proxies import Proxies
from linkhold.runtime import Runtime

DOORS = (tutorial.bp, v1.bp, share.bp, ops.bp, web.bp)

# Flask's routing fails before a blueprint is chosen, so the path decides how an error looks: a
# problem document for programs, and a page for people everywhere else.
FOR_PROGRAMS = ("/links", "/api/", "/healthz", "/readyz", "/metrics")

Answer = TypeVar("Answer", bound=BaseResponse)

log = logging.getLogger("linkhold.requests")


class Application(Flask):
    """Flask for views that are plain functions, and for bodies that are whole."""

    request_class = Request

    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        """Return a function as it is: Flask would look, six times a request, whether it is a coroutine."""
        return func


class IdConverter(BaseConverter):
    """A link's id in a path: a whole number from 1 that PostgreSQL's bigint can hold."""

    regex = "[1-9][0-9]{0,17}"

    def to_python(self, value: str) -> int:
        """Return the number."""
        return int(value)


def create_app(runtime: Runtime, *, first: Callable[[], None] = lambda: None) -> Flask:
    """Return the WSGI application that serves a runtime; each request begins with `first`."""
    app = Application("linkhold", static_folder=None, template_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = runtime.settings.max_body_size + 1  # see inputs.data
    app.config["PROVIDE_AUTOMATIC_OPTIONS"] = False
    app.config["MAX_FORM_MEMORY_SIZE"] = runtime.settings.max_body_size
    app.url_map.converters["id"] = IdConverter
    if runtime.settings.hosts:
        # By "localhost" this machine asks, such as the watchdog; no name of another's leads there.
        app.config["TRUSTED_HOSTS"] = [*runtime.settings.hosts.split(","), "localhost"]
    # Who sends more than is taken is told so, within reason: as much again is read for that.
    envelope = Envelope(app.wsgi_app, lingers=2 * runtime.settings.max_body_size)
    app.wsgi_app = Proxies(envelope, runtime.settings)  # type: ignore[method-assign]  # Flask's way
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    current.install(app, runtime)
    for door in DOORS:
        app.register_blueprint(door)
    allowed = frozenset(filter(None, runtime.settings.cors_origins.split(",")))
    app.before_request(first)
    app.before_request(lambda: _begin(allowed))
    app.after_request(lambda response: _end(response, allowed))
    metrics.POOL_SIZE.set(runtime.settings.threads)
    app.register_error_handler(errors.LinkholdError, _known_error)
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(Exception, _unknown_error)
    return app


def _begin(allowed: frozenset[str]) -> Response | None:
    """Say which route it is, and find out who calls; a preflight is answered at once."""
    here = request_ctx.request
    rule = here.url_rule
    if rule is not None:
        here.environ[ROUTE] = (here.blueprint or "none", rule.rule, here.method)
    audit.address.set(here.remote_addr or "")
    asked = cors.preflight(here, allowed) if here.method == "OPTIONS" and _for_programs() else None
    if asked is None:
        identify.before_request(here)
    return asked


def _end(response: Response, allowed: frozenset[str]) -> Response:
    """Make an answer fit for whoever asked: a script of another site, a slow connection, one who waits."""
    here = request_ctx.request
    if here.method not in identify.SAFE_METHODS and response.status_code < HTTPStatus.BAD_REQUEST:
        current.ring()
    metrics.POOL_USED.set(current.runtime().connections_used())
    if allowed and _for_programs():
        cors.allow(here, response, allowed)
    compression.apply(here, response)
    return response


def _for_programs() -> bool:
    return request.path == share.PATH or request.path.startswith(FOR_PROGRAMS)


def _to_programs(problem: Response, detail: str) -> Response:
    """Return a problem as its door says it: the one for shared text does in a sentence, for a person."""
    if request.path == share.PATH and not share.wants_json():
        return share.in_words(problem, detail)
    return problem


def _known_error(error: errors.LinkholdError) -> BaseResponse:
    status, _, _ = reply.of_error(error)
    if status == HTTPStatus.SERVICE_UNAVAILABLE:
        log.warning("%s", error.message)
    if engines.is_crowded(error):
        metrics.POOL_TIMEOUTS.inc()
    if _for_programs():
        return _to_programs(reply.problem(error), error.message)
    return web.error_page(status=status, error=error)


def _http_error(error: HTTPException) -> BaseResponse:
    """Answer the framework's own errors (404, 405, 413 and so on) in the shape of the door."""
    status = HTTPStatus(error.code or 500)
    if not _for_programs():
        return _with_headers(web.error_page(status=status), error)
    # The framework's name: Python's own for a status changes from one version to the next.
    title = error.name
    detail = error.description or title
    if isinstance(error, RequestEntityTooLarge):
        most = current.runtime().settings.max_body_size
        detail = f"The body is larger than {most} bytes ({variable('max_body_size')})."
    name = title.lower().replace(" ", "-")
    answer = reply.problem_document(status, name=name, title=title, detail=detail)
    return _to_programs(_with_headers(answer, error), detail)


def _with_headers(answer: Answer, error: HTTPException) -> Answer:
    """Add what the error itself has to say, such as Allow with a 405."""
    for header, value in error.get_headers():
        if header.lower() != "content-type":
            answer.headers[header] = value
    return answer


def _unknown_error(error: Exception) -> BaseResponse:
    """Answer a fault of our own: the log has it whole, the client has the request's id to ask about."""
    log.error("A request failed", exc_info=error)
    return _known_error(errors.LinkholdError("Linkhold failed to answer. Its log says why."))
