"""The way in from outside: the public address, TLS, the proxy in front and what it hands on."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

import orjson
import urllib3
from urllib3.exceptions import HTTPError, SSLError

from linkhold import clock, keys
from linkhold.config import Settings, variable
from linkhold.doctor.finding import Finding, fault, ok, warning
from linkhold.errors import KeyUnreadable

SECONDS = urllib3.Timeout(connect=10, read=60)
UNAUTHORIZED, PAYLOAD_TOO_LARGE = 401, 413
OK = 200
LEFT = timedelta(days=21)
CERTIFICATE = Path("/etc/linkhold/tls/certificate.pem")
# What the installation was asked for.
ASKED = Path("/etc/linkhold/install")
# An address kept for documentation (RFC 5737): nobody has it.
FORGED = {"X-Forwarded-For": "192.0.2.77", "X-Forwarded-Proto": "gopher"}


def examine(settings: Settings, *, authority: str | None = None) -> Iterator[Finding]:
    """Look at the public address as a client would; `authority` is a file of certificates to trust."""
    yield _names(settings)
    yield _proxies(settings)
    url = settings.public_url
    if not url:
        yield warning(
            "address",
            "no public address is set",
            f"Set {variable('public_url')} to where people reach Linkhold, and it can be examined.",
        )
        return
    with urllib3.PoolManager(ssl_context=_trust(authority), timeout=SECONDS, retries=False) as pool:
        yield from _asked(settings, pool, url)


def _trust(authority: str | None) -> ssl.SSLContext:
    context = ssl.create_default_context()
    if authority is not None:
        # Beside the system's: a local authority may have stood in until Let's Encrypt answered.
        context.load_verify_locations(cafile=authority)
    return context


def _names(settings: Settings) -> Finding:
    host = urlsplit(settings.public_url).hostname or ""
    names = [name for name in settings.hosts.split(",") if name]
    if not names:
        return warning(
            "host names",
            "any name is answered to",
            f"Set {variable('hosts')} to the names by which people reach Linkhold.",
        )
    if host and host not in names and not any(n[0] == "." and f".{host}".endswith(n) for n in names):
        return fault("host names", f"{host} is refused", f"Add it to {variable('hosts')}.")
    return ok("host names", ", ".join(names))


def _proxies(settings: Settings) -> Finding:
    if settings.public_url.startswith("https://") and not settings.trusted_proxies:
        return fault(
            "proxy",
            "no proxy is trusted, so that every client has the proxy's address and cookies are not Secure",
            f"Set {variable('trusted_proxies')} to the proxy's address, or to unix.",
        )
    for name in settings.trusted_proxies.split(","):
        if name.endswith("/0"):
            return fault(
                "proxy",
                f"everybody is trusted ({name}): any client can say that it has another's address",
                f"Set {variable('trusted_proxies')} to the proxy's address, or to unix.",
            )
    return ok("proxy", f"trusted: {settings.trusted_proxies or 'none'}")


def _asked(settings: Settings, pool: urllib3.PoolManager, url: str) -> Iterator[Finding]:
    try:
        answer = pool.request("GET", f"{url}/readyz", headers=_told(settings), preload_content=False)
        ends = _end_of_certificate(answer)
        seen = _seen(answer.read())
    except SSLError as error:
        yield fault("TLS", _reason(error), _renewal())
        return
    except HTTPError as error:
        yield fault(
            "address", f"{url} does not answer: {_reason(error)}", "Is nginx running? nginx -t says why not."
        )
        return
    if answer.status != OK:
        yield fault(
            "address", f"{url}/readyz answers {answer.status}", "journalctl --unit linkhold says why."
        )
        return
    yield ok("address", f"{url} answers, and is ready")
    yield _tls(url, answer)
    if ends is not None:
        yield _certificate(ends)
    if seen is not None and settings.trusted_proxies:
        yield _forwarded(url, seen)
    yield _request_id(settings, answer)
    yield _body(settings, pool, url)


def _told(settings: Settings) -> dict[str, str]:
    """Return what is sent along: what a client might forge, and the key for which it is told what came."""
    kept = keys.path(settings.data_dir, keys.METRICS)
    if not settings.public_url.startswith("https://") or not kept.exists():
        return FORGED
    try:
        return FORGED | {"Authorization": f"Bearer {keys.get(settings.data_dir, keys.METRICS)}"}
    except KeyUnreadable:
        return FORGED


def _seen(body: bytes) -> dict[str, str] | None:
    try:
        found = orjson.loads(body).get("seen")
    except (orjson.JSONDecodeError, AttributeError):
        return None
    return found if isinstance(found, dict) else None


def _forwarded(url: str, seen: dict[str, str]) -> Finding:
    """See that the proxy tells what it saw itself, and not what a client says."""
    scheme, address = seen.get("scheme"), seen.get("address")
    if scheme != urlsplit(url).scheme:
        return fault(
            "proxy",
            f"a request by {urlsplit(url).scheme} arrives as one by {scheme}: cookies are not Secure",
            "proxy_set_header X-Forwarded-Proto $scheme;",
        )
    if address == FORGED["X-Forwarded-For"] or not address:
        state = "a client can say that it has another's address" if address else "no client has an address"
        return fault("proxy", state, "proxy_set_header X-Forwarded-For $remote_addr;")
    return ok("proxy", "it tells the client's address and the scheme")


def _end_of_certificate(answer: urllib3.BaseHTTPResponse) -> datetime | None:
    tls = getattr(answer.connection, "sock", None)
    if not isinstance(tls, ssl.SSLSocket):
        return None
    certificate = tls.getpeercert() or {}
    seconds = ssl.cert_time_to_seconds(str(certificate["notAfter"])) if "notAfter" in certificate else None
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC)


def _certificate(ends: datetime) -> Finding:
    left = ends - clock.now()
    state = f"the certificate is good until {ends:%Y-%m-%d}"
    return ok("TLS", state) if left > LEFT else warning("TLS", state, _renewal())


def _is_ours() -> bool:
    """Return whether the certificate is a file of the installation's, and no link to Let's Encrypt's."""
    return CERTIFICATE.exists() and not CERTIFICATE.is_symlink()


def _stands_in() -> bool:
    return _is_ours() and ASKED.exists() and "tls='certbot'" in ASKED.read_text(encoding="utf-8")


def _renewal() -> str:
    if _is_ours():
        return "It is of an authority of your own: deploy/install.sh makes a new one."
    return "Renew the certificate: certbot renew, then systemctl reload nginx."


def _tls(url: str, answer: urllib3.BaseHTTPResponse) -> Finding:
    if not url.startswith("https://"):
        return warning(
            "TLS", "the address is http://: passwords can be read on the way", "Serve it by https://."
        )
    if _stands_in():
        return fault(
            "TLS",
            "the certificate only stands in until Let's Encrypt gives one, and browsers warn of it",
            "deploy/install.sh asks Let's Encrypt again, and tells why it gives none.",
        )
    if "Strict-Transport-Security" not in answer.headers:
        return warning(
            "TLS", "no Strict-Transport-Security", "Let the proxy add it: see deploy/nginx/linkhold.conf."
        )
    return ok("TLS", "the certificate is good, and browsers keep to https")


def _request_id(settings: Settings, answer: urllib3.BaseHTTPResponse) -> Finding:
    if not settings.trusted_proxies:
        return ok("request ids", "Linkhold's own")
    # Ours have sixteen digits; nginx's have thirty-two.
    if len(answer.headers.get("X-Request-Id", "")) <= 16:  # noqa: PLR2004
        return warning(
            "request ids",
            "the proxy's do not arrive, or it is not trusted",
            f"proxy_set_header X-Request-Id $request_id; and name it in {variable('trusted_proxies')}.",
        )
    return ok("request ids", "the proxy's")


def _body(settings: Settings, pool: urllib3.PoolManager, url: str) -> Finding:
    """Send the largest body that may come, without credentials: who refuses it, and why, tells."""
    size = settings.max_body_size
    try:
        answer = pool.request("POST", f"{url}/api/v1/links", body=b" " * size)
    except HTTPError as error:
        return fault("limits", f"a body of {size} bytes is cut off: {_reason(error)}", _BODY)
    if answer.status == PAYLOAD_TOO_LARGE:
        return fault("limits", f"the proxy refuses a body of {size} bytes", _BODY)
    if answer.status != UNAUTHORIZED:
        return warning(
            "limits",
            f"whether a body of {size} bytes comes through cannot be told: it was answered {answer.status}",
            "journalctl --unit linkhold and nginx's error log say why.",
        )
    return ok("limits", f"a body of {size} bytes comes through")


_BODY = f"Set client_max_body_size above {variable('max_body_size')}."


def _reason(error: Exception) -> str:
    return str(getattr(error, "reason", None) or error)
