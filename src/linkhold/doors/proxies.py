"""Whom to believe about a client: a proxy's word counts only when the setting names the proxy."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import Any

from werkzeug.middleware.proxy_fix import ProxyFix

from linkhold.config import Settings
from linkhold.validators import UNIX

REQUEST_ID = "HTTP_X_REQUEST_ID"
GOOD_REQUEST_ID = re.compile("[A-Za-z0-9-]{8,64}")
TOLD = (
    "HTTP_X_FORWARDED_FOR",
    "HTTP_X_FORWARDED_PROTO",
    "HTTP_X_FORWARDED_HOST",
    "HTTP_FORWARDED",
    REQUEST_ID,
)

Wsgi = Callable[[dict[str, Any], Any], Iterable[bytes]]
REMEMBERED = 1024


class Proxies:
    """WSGI middleware: applies what a trusted proxy tells of the client, and drops what anyone else does.

    A proxy tells the address it was reached from by `X-Forwarded-For` (the last one in it is the proxy's
    own observation; the others are hearsay) and the scheme by `X-Forwarded-Proto`.
    """

    def __init__(self, app: Wsgi, settings: Settings) -> None:
        names = [name for name in settings.trusted_proxies.split(",") if name]
        self._unix = UNIX in names
        self._networks = [ipaddress.ip_network(name) for name in names if name != UNIX]
        self._app = app
        self._fixed = ProxyFix(app, x_for=1, x_proto=1, x_host=0, x_port=0, x_prefix=0)
        # Reading an address is a thirtieth of a save, and the same ones come again and again.
        self.trusts = lru_cache(maxsize=REMEMBERED)(self._trusts)

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:  # noqa: ANN401 - WSGI
        """Answer a request."""
        if self.trusts(environ.get("REMOTE_ADDR", "")):
            if not GOOD_REQUEST_ID.fullmatch(environ.get(REQUEST_ID, "")):
                environ.pop(REQUEST_ID, None)
            return self._fixed(environ, start_response)
        for name in TOLD:
            environ.pop(name, None)
        return self._app(environ, start_response)

    def _trusts(self, peer: str) -> bool:
        """Tell whether the one at the other end of the connection is a trusted proxy."""
        try:
            address = ipaddress.ip_address(peer)
        except ValueError:
            return self._unix  # A Unix socket has no address.
        if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped is not None:
            address = address.ipv4_mapped
        return any(address in network for network in self._networks)
