"""Who else may act for an account: the browsers that are logged in, and the tokens of programs."""

from __future__ import annotations

from datetime import timedelta

from flask import redirect, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from linkhold import clock
from linkhold.accounts import sessions, tokens
from linkhold.doors import current
from linkhold.doors.web import account, briefly, frame
from linkhold.doors.web.blueprint import bp
from linkhold.errors import BadInput

LIFETIMES = {"30": timedelta(days=30), "365": timedelta(days=365)}
"""How long a token may be good, by what the form calls it; blank is for ever."""


@bp.post("/account/browsers/end")
def end_browsers() -> BaseResponse:
    """Log all browsers out but this one."""
    caller = current.caller()
    with current.runtime().transaction() as session:
        sessions.end_others(session, caller.account_id, keep=caller.session_id)
    return redirect(url_for("web.show_account", said="browsers"), code=303)


@bp.post("/account/browsers/<id:session_id>/end")
def end_browser(session_id: int) -> BaseResponse:
    """Log one browser out."""
    with current.runtime().transaction() as session:
        sessions.end_one(session, current.caller().account_id, session_id)
    return redirect(url_for("web.show_account", said="browser"), code=303)


@bp.post("/account/tokens")
def add_token() -> BaseResponse:
    """Make a token, and lead to where it is shown."""
    caller, form = current.caller(), request.form
    lifetime = LIFETIMES.get(form.get("lifetime", ""))
    try:
        with current.runtime().transaction() as session:
            token = tokens.issue(
                session,
                caller.account_id,
                label=form.get("name", ""),
                scopes=form.getlist("scopes"),
                expires_at=clock.now() + lifetime if lifetime else None,
            )
    except BadInput as error:
        named = {"token_name" if field == "name" else field: fault for field, fault in error.faults}
        return account.page(named, status=400, typed=form.get("name", ""))
    return briefly.shown_at(url_for("web.show_token"), token)


@bp.get("/account/tokens/made")
def show_token() -> BaseResponse:
    """Show the token that this browser just made."""
    secret = briefly.secret()
    with current.runtime().reading() as session:
        token = tokens.known(session, current.caller().account_id, secret)
    if token is None:
        return redirect(url_for("web.show_account"))
    return frame.page("token.html", token=secret, label=token.label)


@bp.post("/account/tokens/<id:token_id>/revoke")
def revoke_token(token_id: int) -> BaseResponse:
    """Make a token worthless."""
    with current.runtime().transaction() as session:
        tokens.revoke(session, current.caller().account_id, token_id)
    return redirect(url_for("web.show_account", said="revoked"), code=303)
