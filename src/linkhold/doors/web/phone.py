"""Linkhold on a phone: a code to scan, the pairing, and what the phone is then told to do."""

from __future__ import annotations

from typing import Any

from flask import make_response, render_template, request
from werkzeug.wrappers import Response as BaseResponse

from linkhold.accounts import pairings, throttle, tokens
from linkhold.doors import current
from linkhold.doors.web import agents, cookies, entry, frame
from linkhold.doors.web.blueprint import bp
from linkhold.errors import BadInput, NotFound


@bp.get("/phone")
def show_phone() -> BaseResponse:
    """Say how Linkhold gets onto a phone."""
    return frame.page("phone.html", code=None, **reach())


@bp.post("/phone")
def make_code() -> BaseResponse:
    """Show a code to scan: it pairs one phone, within ten minutes."""
    with current.runtime().transaction() as session:
        code = pairings.issue(session, current.caller().account_id)
    found = reach()
    return frame.page("phone.html", code=code, link=f"{found['address']}/pair?code={code.text}", **found)


@bp.get("/pair")
def show_pairing() -> BaseResponse:
    """Ask whoever scanned the code. Nothing is done yet: messengers and previews open addresses too."""
    code = request.args.get("code", "")
    device = agents.device(request.headers.get("User-Agent", "")) or "iPhone"
    return _asking(code, device, {})


@bp.post("/pair")
def pair() -> BaseResponse:
    """Pair this phone: a token of its own, and its browser logged in. Shown once."""
    code, device = request.form.get("code", ""), request.form.get("device", "")
    try:
        with current.runtime().transaction() as session:
            paired = pairings.claim(session, code, device=device)
            cookie = cookies.start_session(session, paired.account_id)
    except BadInput as error:
        return _asking(code, device, {"device": error.message}, status=400)
    except NotFound:
        _count_guess()
        raise
    page = render_template("paired.html", token=paired.token, device=device, **reach())
    return cookies.with_session(make_response(page), cookie)


def _asking(code: str, device: str, faults: dict[str, str], *, status: int = 200) -> BaseResponse:
    with current.runtime().reading() as session:
        name = pairings.find(session, code)
    if name is None:
        _count_guess()
        raise NotFound(pairings.SPENT)
    page = render_template(
        "pair.html", code=code, name=name, device=device[: tokens.LONGEST_LABEL], faults=faults
    )
    return make_response(page, status)


def _count_guess() -> None:
    """Slow down who tries codes; raises `Throttled`."""
    with current.runtime().transaction() as session:
        throttle.attempt(session, [throttle.address(request.remote_addr or "")])


def reach() -> dict[str, Any]:
    """Return the address at which a phone finds us, and whether that is none."""
    address = current.runtime().settings.public_url or request.host_url.rstrip("/")
    return {"address": address, "only_here": entry.is_loopback(address.partition("://")[2])}
