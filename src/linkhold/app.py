"""The WSGI application, put together: the doors, the table of errors, and what every answer carries."""

from __future__ import annotations

import logging
import secrets
from http import HTTPStatus

from flask import Flask, Response, g, request
from werkzeug.exceptions import HTTPException, RequestEntityTooLarge
from werkzeug.routing import BaseConverter
from werkzeug.wrappers import Response as BaseResponse

from linkhold import clock, errors, logs, metrics
from linkhold.accounts import audit
from linkhold.config import variable
from linkhold.doors import compression, cors, current, identify, ops, reply, share, tutorial, v1, web
from linkhold.doors.proxies import Proxies
from linkhold.runtime import Runtime

DOORS = (tutorial.bp, v1.bp, share.bp, ops.bp, web.bp)

# Flask's routing fails before a blueprint is chosen, so the path decides how an error looks: a
# problem document for programs, and a page for people everywhere else.
FOR_PROGRAMS = ("/links", "/api/", "/healthz", "/readyz", "/metrics")

SECURITY_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; connect-src 'self'; style-src 'self';"
    " img-src 'self'; manifest-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    # Under "no-referrer" a browser sends `Origin: null` with a form, and on plain http by any name but
    # localhost no Sec-Fetch-Site either: nothing would tell our own pages from another site's.
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    # What is answered belongs to one person; a page that may be kept says so itself.
    "Cache-Control": "no-store",
}

log = logging.getLogger("linkhold.requests")


class IdConverter(BaseConverter):
    """A link's id in a path: a whole number from 1 that PostgreSQL's bigint can hold."""

    regex = "[1-9][0-9]{0,17}"

    def to_python(self, value: str) -> int:
        """Return the number."""
        return int(value)


def create_app(runtime: Runtime) -> Flask:
    """Return the WSGI application that serves a runtime."""
    app = Flask("linkhold", static_folder=None, template_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = runtime.settings.max_body_size + 1  # see inputs._data
    app.config["PROVIDE_AUTOMATIC_OPTIONS"] = False
    app.config["MAX_FORM_MEMORY_SIZE"] = runtime.settings.max_body_size
    app.url_map.converters["id"] = IdConverter
    if runtime.settings.hosts:
        # By "localhost" this machine asks, such as the watchdog; no name of another's leads there.
        app.config["TRUSTED_HOSTS"] = [*runtime.settings.hosts.split(","), "localhost"]
    app.wsgi_app = Proxies(app.wsgi_app, runtime.settings)  # type: ignore[method-assign]  # Flask's way
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    current.install(app, runtime)
    for door in DOORS:
        app.register_blueprint(door)
    app.before_request(_begin)
    allowed = frozenset(filter(None, runtime.settings.cors_origins.split(",")))
    app.before_request(lambda: cors.preflight(request, allowed) if _for_programs() else None)
    app.before_request(identify.before_request)
    # These run from the last to the first.
    app.after_request(_end)
    app.after_request(lambda response: _shared(response, allowed))
    metrics.POOL_SIZE.set(runtime.settings.threads)
    app.register_error_handler(errors.LinkholdError, _known_error)
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(Exception, _unknown_error)
    return app


def _begin() -> None:
    g.started = clock.monotonic()
    audit.address.set(request.remote_addr or "")
    logs.request_id.set(request.headers.get("X-Request-Id") or secrets.token_hex(8))


def _shared(response: Response, allowed: frozenset[str]) -> Response:
    """Make an answer fit for whoever asked: a script of another site, a slow connection."""
    if _for_programs():
        cors.allow(request, response, allowed)
    compression.apply(request, response)
    return response


def _end(response: Response) -> Response:
    if request.method not in identify.SAFE_METHODS and response.status_code < HTTPStatus.BAD_REQUEST:
        current.ring()
    said = set(response.headers.keys())
    response.headers.extend([header for header in SECURITY_HEADERS.items() if header[0] not in said])
    response.headers.add("X-Request-Id", logs.request_id.get())
    seconds = clock.monotonic() - g.started
    _count(response, seconds)
    milliseconds = round(seconds * 1000, 1)
    response.headers.add("Server-Timing", f"app;dur={milliseconds}")
    log.log(
        # Whoever watches asks every few seconds, for ever.
        logging.DEBUG if request.blueprint == "ops" else logging.INFO,
        "%s %s %s",
        request.method,
        request.path,
        response.status_code,
        extra={"fields": {"ms": milliseconds}},
    )
    logs.request_id.set("")
    return response


def _count(response: Response, seconds: float) -> None:
    door = request.blueprint or "none"
    route = request.url_rule.rule if request.url_rule else "none"
    # A method is whatever the client sends; only the known ones may become names of their own.
    method = request.method if request.url_rule else "any"
    metrics.REQUESTS.labels(door, route, method, response.status_code).inc()
    metrics.LATENCY.labels(door).observe(seconds)
    metrics.POOL_USED.set(current.runtime().connections_used())


def _for_programs() -> bool:
    return request.path == share.PATH or request.path.startswith(FOR_PROGRAMS)


def _to_programs(problem: Response, detail: str) -> Response:
    """Return a problem as its door says it: the one for shared text does in a sentence, for a person."""
    if request.path == share.PATH and not share.wants_json():
        return share.in_words(problem, detail)
    return problem


def _known_error(error: errors.LinkholdError) -> BaseResponse:
    status, _, title = reply.of_error(error)
    if status == HTTPStatus.SERVICE_UNAVAILABLE:
        log.warning("%s", error.message)
    if _for_programs():
        return _to_programs(reply.problem(error), error.message)
    return web.error_page(status=status, title=title, detail=error.message, error=error)


def _http_error(error: HTTPException) -> BaseResponse:
    """Answer the framework's own errors (404, 405, 413 and so on) in the shape of the door."""
    status = HTTPStatus(error.code or 500)
    detail = error.description or status.phrase
    if isinstance(error, RequestEntityTooLarge):
        most = current.runtime().settings.max_body_size
        detail = f"The body is larger than {most} bytes ({variable('max_body_size')})."
    if not _for_programs():
        return web.error_page(status=status, title=status.phrase, detail=detail)
    name = status.phrase.lower().replace(" ", "-")
    answer = reply.problem_document(status, name=name, title=status.phrase, detail=detail)
    # What the error itself has to say, such as Allow with a 405.
    for header, value in error.get_headers():
        if header.lower() != "content-type":
            answer.headers[header] = value
    return _to_programs(answer, detail)


def _unknown_error(error: Exception) -> BaseResponse:
    """Answer a fault of our own: the log has it whole, the client has the request's id to ask about."""
    log.error("A request failed", exc_info=error)
    return _known_error(errors.LinkholdError("Linkhold failed to answer. Its log says why."))
