"""Scripts of other web sites, as far as the setting lets them (WHATWG Fetch, section 3.2).

They come with a token of their own: a cookie is never accepted from another site.
"""

from __future__ import annotations

from flask import Request, Response
from werkzeug.wrappers import Response as BaseResponse

METHODS = "GET, POST, PATCH, DELETE"
HEADERS = "Authorization, Content-Type, Idempotency-Key, If-Match, If-None-Match, Prefer"
EXPOSED = "ETag, Linkhold-Remarks, Linkhold-Understood, Retry-After, Server-Timing, X-Request-Id"
PREFLIGHT_SECONDS = "600"


def preflight(request: Request, allowed: frozenset[str]) -> Response | None:
    """Answer a browser that asks whether a script may send a request; None when it does not ask."""
    if request.method != "OPTIONS" or "Access-Control-Request-Method" not in request.headers:
        return None
    if request.headers.get("Origin") not in allowed:
        return None
    answer = Response(status=204)
    answer.headers["Access-Control-Allow-Methods"] = METHODS
    answer.headers["Access-Control-Allow-Headers"] = HEADERS
    answer.headers["Access-Control-Max-Age"] = PREFLIGHT_SECONDS
    return answer


def allow(request: Request, response: BaseResponse, allowed: frozenset[str]) -> None:
    """Let the script of an allowed site read an answer."""
    if not allowed:
        return
    response.vary.add("Origin")
    origin = request.headers.get("Origin")
    if origin in allowed:
        response.headers["Access-Control-Allow-Origin"] = origin
        response.headers["Access-Control-Expose-Headers"] = EXPOSED
        response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
