"""Answers: JSON, and problem documents (RFC 9457) by one table of errors."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import orjson
from flask import Response

from linkhold import errors, logs

JSON = "application/json"
NDJSON = "application/x-ndjson"
PROBLEM = "application/problem+json"
RETRY_SECONDS = 2
"""When to come back while the database is away: it starts, or fails over, in about this time."""

# The most particular class first: the first that fits decides status, name and title.
PROBLEMS: tuple[tuple[type[errors.LinkholdError], int, str, str], ...] = (
    (errors.NotALink, 400, "not-a-link", "Not a link"),
    (errors.LimitExceeded, 400, "limit-exceeded", "Limit exceeded"),
    (errors.UnsupportedMedia, 415, "unsupported-media", "Unsupported media type"),
    (errors.BadInput, 400, "bad-input", "Bad input"),
    (errors.NotAuthenticated, 401, "not-authenticated", "Not authenticated"),
    (errors.ScopeMissing, 403, "scope-missing", "Scope missing"),
    (errors.CrossSite, 403, "cross-site", "Sent by another site"),
    (errors.Throttled, 429, "throttled", "Too many attempts"),
    (errors.NotFound, 404, "not-found", "Not found"),
    (errors.CursorExpired, 410, "cursor-expired", "Cursor expired"),
    (errors.Outdated, 412, "outdated", "Outdated"),
    (errors.KeyReused, 422, "key-reused", "Idempotency key reused"),
    (errors.Conflict, 409, "conflict", "Conflict"),
    (errors.DatabaseFault, 503, "unavailable", "Unavailable"),
    (errors.LinkholdError, 500, "internal", "Internal error"),
)


def json(value: Any, *, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:  # noqa: ANN401 - any JSON value
    """Return a JSON answer; datetimes are written in UTC with a `Z`."""
    return raw_json(encoded(value), status=status, headers=headers)


def encoded(value: Any) -> bytes:  # noqa: ANN401 - any JSON value
    """Return a value as JSON, in UTF-8."""
    return orjson.dumps(value, option=orjson.OPT_UTC_Z)


def raw_json(body: bytes, *, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """Return an answer whose JSON is written already."""
    return Response(body, status=status, headers=headers, mimetype=JSON)


def lines(pieces: Iterable[bytes], *, headers: Mapping[str, str] | None = None) -> Response:
    """Return an answer of JSON values, one a line, sent as they come: a proxy is asked to hold back none."""
    return Response(pieces, mimetype=NDJSON, headers={"X-Accel-Buffering": "no", **(headers or {})})


def of_error(error: errors.LinkholdError) -> tuple[int, str, str]:
    """Return the status, the name and the title of a problem."""
    return next(row[1:] for row in PROBLEMS if isinstance(error, row[0]))


def headers_of_error(error: errors.LinkholdError) -> list[tuple[str, str]]:
    """Return what HTTP wants to be said beside the body of an error."""
    if isinstance(error, errors.MetricsKeyMissing):
        return [("WWW-Authenticate", 'Bearer realm="linkhold metrics"')]
    if isinstance(error, errors.NotAuthenticated):
        return [
            ("WWW-Authenticate", 'Bearer realm="linkhold"'),
            ("WWW-Authenticate", 'Basic realm="linkhold", charset="UTF-8"'),
        ]
    if isinstance(error, errors.Throttled):
        return [("Retry-After", str(error.retry_after))]
    if isinstance(error, errors.DatabaseFault):
        return [("Retry-After", str(RETRY_SECONDS))]
    return []


def problem(error: errors.LinkholdError) -> Response:
    """Return an error as a problem document."""
    status, name, title = of_error(error)
    faults = error.faults if isinstance(error, errors.BadInput) else ()
    answer = problem_document(status, name=name, title=title, detail=error.message, faults=faults)
    for header, value in headers_of_error(error):
        answer.headers.add(header, value)
    return answer


def problem_document(
    status: int, *, name: str, title: str, detail: str, faults: tuple[tuple[str, str], ...] = ()
) -> Response:
    """Return a problem document; `faults` are the fields that are wrong, and what is wrong with each."""
    document: dict[str, Any] = {
        "type": f"urn:linkhold:problem:{name}",
        "title": title,
        "status": status,
        "detail": detail,
        "request_id": logs.request_id.get(),
    }
    if faults:
        document["errors"] = [{"field": field, "detail": message} for field, message in faults]
    return Response(orjson.dumps(document), status=status, mimetype=PROBLEM)
