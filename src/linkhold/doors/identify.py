"""Who calls, asked before every view: each route is closed unless it stands in `OPEN`."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import Request
from werkzeug.datastructures import Authorization

from linkhold.accounts import accounts, audit, secret, sessions, throttle, tokens
from linkhold.accounts.models import Account
from linkhold.doors import current
from linkhold.doors.current import Caller
from linkhold.errors import CrossSite, NotAuthenticated, ScopeMissing
from linkhold.links.changes import Origin

OPEN = frozenset(
    {
        "ops.healthz",
        "ops.numbers",  # asks for a key of its own
        "ops.readyz",
        "v1.openapi_document",
        "v1.reference",
        "web.kept",
        "web.login",
        "web.manifest",
        "web.offline",
        "web.pair",
        "web.show_pairing",
        "web.private_feed",  # asks for the secret in its address
        "web.public_feed",  # only of an account that chose to have it
        "web.public_page",  # the same
        "web.service_worker",
        "web.setup",
        "web.static_file",
    }
)
"""Every route that answers without credentials. A test walks all routes and holds them to this list."""

COOKIE = "linkhold_session"
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
EVERYTHING = frozenset(tokens.SCOPES)


def before_request(request: Request) -> None:
    """Find out who calls, and refuse who may not.

    Raises `CrossSite`, `NotAuthenticated`, `ScopeMissing` or `Throttled`.
    """
    if request.endpoint is None:
        return  # No route: the answer is 404 or 405, whoever asks.
    refuse_cross_site(request)
    if request.endpoint in OPEN:
        return
    door = request.blueprint or ""
    found = _by_cookie(request) if door == "web" else _by_authorization(request, door)
    if found is None:
        raise NotAuthenticated
    needed = "read" if request.method in SAFE_METHODS else "write"
    if needed not in found.scopes:
        raise ScopeMissing(f"This token may not do that: it lacks the scope {needed!r}.")
    current.set_caller(found)


def recognise(request: Request) -> None:
    """Find out who looks at a page that asks for nobody, so that it speaks to them as all else does."""
    if current.person() is None:
        found = _by_cookie(request)
        if found is not None:
            current.set_caller(found)


def refuse_cross_site(request: Request) -> None:
    """Refuse a write that a browser sends because another site told it to.

    Cookies and HTTP Basic credentials are attached by the browser itself; a Bearer token is not.
    Browsers say where a request comes from: in Sec-Fetch-Site on trustworthy origins (W3C Fetch
    Metadata), elsewhere in Origin. Programs send neither.
    """
    if request.method in SAFE_METHODS or request.headers.get("Authorization", "").startswith("Bearer "):
        return
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        if site not in {"same-origin", "none"}:
            raise CrossSite
        return
    origin = request.headers.get("Origin")
    if origin is not None and urlsplit(origin).netloc != request.host:
        raise CrossSite


def _by_cookie(request: Request) -> Caller | None:
    cookie = request.cookies.get(COOKIE)
    if cookie is None:
        return None
    runtime = current.runtime()
    with runtime.reading() as session:
        visit = sessions.find(session, cookie, idle_days=runtime.settings.session_days)
    if visit is None:
        return None
    return Caller(
        visit.account_id, EVERYTHING, Origin("web"), visit.person, visit.session_id, visit.is_first_today
    )


def _by_authorization(request: Request, door: str) -> Caller | None:
    given = request.authorization
    if given is None:
        return None
    if given.type == "bearer":
        return _by_token(request, door, given.token or "")
    if given.type == "basic":
        return _by_basic(request, door, given)
    return None


def _by_basic(request: Request, door: str, given: Authorization) -> Caller | None:
    name, password = given.username or "", given.password or ""
    if secret.owner_of(password, secret.TOKEN_PREFIX) is not None:
        return _by_token(request, door, password)
    account = log_in(request, name, password)
    if account is None:
        return None
    return Caller(account.id, EVERYTHING, Origin(door))


def _by_token(request: Request, door: str, token: str) -> Caller | None:
    runtime = current.runtime()
    access = runtime.recent_tokens.find(runtime.direct, token)
    if access is None:
        # 160 random bits are not guessed; counting keeps a client gone wrong from asking for ever.
        with runtime.transaction() as session:
            throttle.attempt(session, [throttle.address(request.remote_addr or "")])
        return None
    return Caller(access.account_id, access.scopes, Origin(door, access.label))


def log_in(request: Request, name: str, password: str) -> Account | None:
    """Return the account of a name and its password, or None; raises `Throttled`.

    An attempt is counted, and committed, before it is checked; one that was right is forgiven.
    """
    runtime = current.runtime()
    with runtime.reading() as session:
        account = accounts.find(session, name)
    password_hash = account.password_hash if account else None
    if runtime.passwords.remembers(password_hash, password):
        return account
    targets = [throttle.account(name), throttle.address(request.remote_addr or "")]
    with runtime.transaction() as session:
        throttle.attempt(session, targets)
    if not runtime.passwords.verify(password_hash, password):
        # Also for a name that nobody has: a commit takes long enough to be measured from afar.
        with runtime.transaction() as session:
            throttle.refuse(session, targets[0])
            owner = account.id if account else None
            audit.record_refusal(session, owner, detail=request.headers.get("User-Agent", ""))
        return None
    with runtime.transaction() as session:
        throttle.forgive(session, targets)
    return account
