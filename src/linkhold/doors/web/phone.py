"""Linkhold on a phone: a code to scan, the pairing, and what the phone is then told to do."""

from __future__ import annotations

from typing import Any

from flask import make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from linkhold import clock
from linkhold.accounts import pairings, throttle, tokens
from linkhold.doors import current
from linkhold.doors.web import agents, briefly, cookies, entry, frame
from linkhold.doors.web.blueprint import bp
from linkhold.errors import BadInput, NotFound

PHONES = frozenset({"iPhone", "iPad", "Android"})


@bp.get("/phone")
def show_phone() -> BaseResponse:
    """Say how Linkhold gets onto a phone, with a code to scan if this browser just made one."""
    return _page({})


@bp.post("/phone")
def make_code() -> BaseResponse:
    """Make a code to scan: it pairs one phone, within ten minutes."""
    with current.runtime().transaction() as session:
        code = pairings.issue(session, current.caller().account_id)
    return briefly.shown_at(url_for("web.show_phone"), code.text)


@bp.post("/phone/here")
def set_up_here() -> BaseResponse:
    """Pair the phone that asks, whose browser is logged in already: a token of its own."""
    device = request.form.get("device", "")
    try:
        with current.runtime().transaction() as session:
            token = pairings.pair(session, current.caller().account_id, device=device)
    except BadInput as error:
        return _page({"device": error.message}, device=device, status=400)
    return briefly.shown_at(url_for("web.show_paired"), token)


@bp.get("/pair")
def show_pairing() -> BaseResponse:
    """Ask whoever scanned the code. Nothing is done yet: messengers and previews open addresses too."""
    code = request.args.get("code", "")
    return _asking(code, _device() or "iPhone", {})


@bp.post("/pair")
def pair() -> BaseResponse:
    """Pair this phone: a token of its own, and its browser logged in."""
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
    return cookies.with_session(briefly.shown_at(url_for("web.show_paired"), paired.token), cookie)


@bp.get("/paired")
def show_paired() -> BaseResponse:
    """Say what is left to do on a phone that was just paired, with every value to copy.

    The phone leaves this page for the app Shortcuts and comes back several times, and its browser may
    load it anew each time.
    """
    secret = briefly.secret()
    with current.runtime().reading() as session:
        token = tokens.known(session, current.caller().account_id, secret)
    if token is None or token.created_at + briefly.LASTS < clock.now():
        return redirect(url_for("web.show_phone"))
    until = token.created_at + briefly.LASTS
    page = render_template("paired.html", token=secret, device=token.label, until=until, **reach())
    return make_response(page)


def _page(faults: dict[str, str], *, device: str | None = None, status: int = 200) -> BaseResponse:
    found = reach()
    with current.runtime().reading() as session:
        code = pairings.open_one(session, current.caller().account_id, briefly.secret())
    return frame.page(
        "phone.html",
        status=status,
        code=code,
        link=f"{found['address']}/pair?code={code.text}" if code else "",
        device=_device() if device is None else device,
        on_phone=_device() in PHONES,
        faults=faults,
        **found,
    )


def _device() -> str:
    return agents.device(request.headers.get("User-Agent", ""))


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
