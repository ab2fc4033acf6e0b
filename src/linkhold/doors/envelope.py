"""What every request gets and leaves behind, whatever answers it: an id, headers, a count, a line in the log.

It stands around Flask: there, a header is one entry of a list, and Flask's own failures come by too.
"""

from __future__ import annotations

import logging
import random
from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import Any

from prometheus_client import Counter, Histogram

from linkhold import clock, logs, metrics
from linkhold.doors import arriving
from linkhold.doors.proxies import REQUEST_ID, Wsgi

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
ROUTE = "linkhold.route"
"""Where in a request's environment the application tells which route it took: door, rule and method."""
WAITED = "linkhold.waited"
"""Where the application tells for how many seconds a request waited because its client wished it to."""
Route = tuple[str, str, str]
# A method is whatever the client sends, and so is a path: only the known ones become names of their own.
NO_ROUTE: Route = ("none", "none", "any")
ROUTES_AND_STATUSES = 2048

log = logging.getLogger("linkhold.requests")


class Envelope:
    """WSGI middleware: all that is the same for every answer."""

    def __init__(self, app: Wsgi, *, lingers: int) -> None:
        """`lingers` is how much of a body, in bytes, is read that the application left unread."""
        self._app = app
        self._lingers = lingers

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        """Answer a request."""
        started = clock.monotonic()
        # No secret, and so not worth a call to the kernel, which lets go of the interpreter's lock.
        identifier = environ.get(REQUEST_ID) or f"{random.getrandbits(64):016x}"

        def start(status: str, headers: list[tuple[str, str]], *rest: object) -> Any:  # noqa: ANN401 - WSGI
            seconds = clock.monotonic() - started
            milliseconds = round(seconds * 1000, 1)
            said = {name for name, _ in headers}
            headers += [header for header in SECURITY_HEADERS.items() if header[0] not in said]
            headers.append(("X-Request-Id", identifier))
            headers.append(("Server-Timing", f"app;dur={milliseconds}"))
            route: Route = environ.get(ROUTE, NO_ROUTE)
            # Whoever waits for news is not served slowly: it is not to look so to those who watch.
            _count(route, status[:3], seconds - environ.get(WAITED, 0.0))
            log.log(
                # Whoever watches asks every few seconds, for ever.
                logging.DEBUG if route[0] == "ops" else logging.INFO,
                "%s %s %s",
                environ["REQUEST_METHOD"],
                environ.get("PATH_INFO", ""),
                status[:3],
                extra={"fields": {"ms": milliseconds}},
            )
            return start_response(status, headers, *rest)

        told = logs.request_id.set(identifier)
        try:
            return arriving.lingering(self._app(environ, start), environ, most=self._lingers)
        finally:
            logs.request_id.reset(told)


def _count(route: Route, status: str, seconds: float) -> None:
    _requests(route, status).inc()
    _latency(route[0]).observe(seconds)


# Finding the one among a metric's many costs more than counting.
@lru_cache(ROUTES_AND_STATUSES)
def _requests(route: Route, status: str) -> Counter:
    return metrics.REQUESTS.labels(*route, status)


@lru_cache(ROUTES_AND_STATUSES)
def _latency(door: str) -> Histogram:
    return metrics.LATENCY.labels(door)
