"""Coming in and going out: the first account, log-in, log-out."""

from __future__ import annotations

from ipaddress import ip_address

from flask import make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from linkhold.accounts import accounts, invitations, sessions
from linkhold.doors import current, identify
from linkhold.doors.web import addresses, cookies, pending, speaking
from linkhold.doors.web.blueprint import bp
from linkhold.errors import BadInput, NameTaken, NotFound, Throttled

SPENT = "This address was used already, or is no longer valid. The one that was given last counts."
WITH_A_CODE = {"web.setup", "web.show_pairing", "web.pair"}


@bp.after_request
def _keep_the_code(response: BaseResponse) -> BaseResponse:
    """Let what a page asks for, and nginx's log of that, not tell its address: it has a one-time code."""
    if request.endpoint in WITH_A_CODE:
        response.headers["Referrer-Policy"] = "strict-origin"
    return response


@bp.route("/setup", methods=["GET", "POST"])
def setup() -> BaseResponse:
    """Create the account that a one-time address is for, and lead into its library."""
    code = request.args.get("code", "")
    with current.runtime().reading() as session:
        if invitations.find(session, code) is None:
            raise NotFound(SPENT)
        first = not accounts.any_exist(session)
    if request.method != "POST":
        return make_response(render_template("setup.html", name="", faults={}, first=first))
    name, password = request.form.get("name", ""), request.form.get("password", "")
    try:
        with current.runtime().transaction() as session:
            account = invitations.accept(session, code, name=name, password=password)
            cookie = cookies.start_session(session, account.id)
    except (BadInput, NameTaken) as error:
        faults = dict(error.faults) if isinstance(error, BadInput) else {"name": error.message}
        return make_response(render_template("setup.html", name=name, faults=faults, first=first), 400)
    return cookies.with_session(redirect(url_for("web.home"), code=303), cookie)


@bp.route("/login", methods=["GET", "POST"])
def login() -> BaseResponse:
    """Log a browser in."""
    wanted = addresses.local_path(request.args.get("next", "/"))
    if request.method != "POST":
        return make_response(render_template("login.html", name="", fault=None, pending=""))
    name, password = request.form.get("name", ""), request.form.get("password", "")
    try:
        account = identify.log_in(request, name, password)
    except Throttled as error:
        page = asking(name, error.message, status=429, pending=pending.carried())
        page.headers["Retry-After"] = str(error.retry_after)
        return page
    if account is None:
        fault = speaking.gettext("The name or the password is wrong.")
        return asking(name, fault, pending=pending.carried())
    with current.runtime().transaction() as session:
        cookie = cookies.start_session(session, account.id)
    saved = pending.save(pending.carried(), account.id)
    return cookies.with_session(saved or redirect(wanted, code=303), cookie)


def asking(name: str = "", fault: str = "", *, pending: str, status: int = 401) -> BaseResponse:
    """Ask somebody to log in, who wanted something meanwhile that is saved afterwards."""
    return make_response(render_template("login.html", name=name, fault=fault, pending=pending), status)


@bp.post("/logout")
def logout() -> BaseResponse:
    """Log this browser out."""
    with current.runtime().transaction() as session:
        sessions.end(session, request.cookies.get(identify.COOKIE, ""))
    return cookies.without_session(redirect(url_for("web.login"), code=303))


def is_loopback(host: str) -> bool:
    """Tell whether a request's host is a name of the machine itself, which no phone can reach."""
    name = host.rpartition(":")[0] if host.rpartition(":")[2].isdecimal() else host
    try:
        return ip_address(name.strip("[]")).is_loopback
    except ValueError:
        return name == "localhost" or name.endswith(".localhost")
