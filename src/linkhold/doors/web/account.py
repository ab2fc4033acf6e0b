"""A person's own account: how they are shown things, and the password."""

from __future__ import annotations

from typing import Any

from flask import redirect, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as BaseResponse

from linkhold import translations
from linkhold.accounts import accounts, audit, preferences, sessions, tokens
from linkhold.accounts.models import Account, BrowserSession
from linkhold.doors import current, identify
from linkhold.doors.web import agents, audited, cookies, frame
from linkhold.doors.web.blueprint import bp
from linkhold.doors.web.speaking import gettext
from linkhold.errors import BadInput, Throttled

ACTS, FEW = 20, 4
"""How many acts a page has, and how many of them and of the browsers are not folded away."""
DIGITS = 9
LARGEST = 2**63


@bp.get("/account")
def show_account() -> BaseResponse:
    """Show the account: preferences, password, browsers, tokens, and what was done to it."""
    return page({})


@bp.post("/account/preferences")
def change_preferences() -> BaseResponse:
    """Change how the person is shown things, and how long the trash keeps."""
    form = request.form
    try:
        with current.runtime().transaction() as session:
            preferences.change(
                session,
                current.caller().account_id,
                language=form.get("language", ""),
                time_zone=form.get("time_zone", "").strip(),
                appearance=form.get("appearance", ""),
                quiet_keys="quiet_keys" in form,
                trash_days=_days(form.get("trash_days", "")),
            )
    except BadInput as error:
        return page(dict(error.faults), status=400)
    return redirect(url_for("web.show_account", said="preferences"), code=303)


@bp.post("/account/password")
def change_password() -> BaseResponse:
    """Give the account a new password; every other browser is logged out."""
    caller, new = current.caller(), request.form.get("new", "")
    try:
        check_password("current")
        with current.runtime().transaction() as session:
            accounts.set_password(session, accounts.by_id(session, caller.account_id), new)
            cookie = cookies.start_session(session, caller.account_id)
    except BadInput as error:
        # The rule of a password speaks of the field that the API calls so.
        named = {"new" if field == "password" else field: fault for field, fault in error.faults}
        return page(named, status=400)
    except Throttled as error:
        return page({"current": error.message}, status=429)
    return cookies.with_session(redirect(url_for("web.show_account", said="password"), code=303), cookie)


def page(faults: dict[str, str], *, status: int = 200, **values: Any) -> BaseResponse:  # noqa: ANN401 - a template's values
    """Answer the page of the account."""
    caller, runtime = current.caller(), current.runtime()
    before = request.args.get("before", type=int)
    if before is not None and not 0 < before < LARGEST:
        raise BadInput("There is no action by this number.", field="before")
    with runtime.reading() as session:
        account = accounts.by_id(session, caller.account_id)
        acts = audit.of_account(session, caller.account_id, limit=ACTS + 1, before=before)
        shown = {
            "account": account,
            "form": _form(account) if faults and request.endpoint == "web.change_preferences" else account,
            "browsers": _browsers(session),
            "this_browser": caller.session_id,
            "tokens": [
                (each, audited.scopes(each.scopes)) for each in tokens.of_account(session, caller.account_id)
            ],
            "acts": [audited.told(each) for each in acts[:ACTS]],
            "older": acts[ACTS - 1].id if len(acts) > ACTS else None,
            "zones": preferences.time_zones(),
            "languages": translations.NAMES,
            "said": _said(),
            "few": FEW,
        }
    return frame.page("account.html", status=status, faults=faults, **{**shown, **values})


def _browsers(session: Session) -> list[tuple[BrowserSession, tuple[str, str]]]:
    """Return the browsers that are logged in, with what they call themselves; this one comes first."""
    caller, days = current.caller(), current.runtime().settings.session_days
    found = sessions.of_account(session, caller.account_id, idle_days=days)
    ordered = sorted(found, key=lambda each: each.id != caller.session_id)
    return [(each, agents.named(each.user_agent)) for each in ordered]


def check_password(field: str) -> None:
    """Check the password of whoever sits at this browser; raises `BadInput` and `Throttled`."""
    account = identify.log_in(request, _name(), request.form.get(field, ""))
    if account is None or account.id != current.caller().account_id:
        raise BadInput("This is not the password of the account.", field=field)


def _said() -> str | None:
    """Return what the address says was done; it names one of these, and can make the page say no other."""
    said = {
        "preferences": gettext("Your preferences are kept."),
        "password": gettext("The password is changed, and every other browser logged out."),
        "browsers": gettext("Every other browser is logged out."),
        "browser": gettext("That browser is logged out."),
        "revoked": gettext("That token no longer works."),
    }
    return said.get(request.args.get("said", ""))


def _form(account: Account) -> dict[str, Any]:
    """Return the preferences as they were typed."""
    names = ("language", "time_zone", "appearance", "trash_days")
    typed = {name: request.form.get(name, getattr(account, name)) for name in names}
    return {**typed, "quiet_keys": "quiet_keys" in request.form}


def _name() -> str:
    person = current.person()
    return person.name if person else ""


def _days(text: str) -> int | None:
    """Return days as they were typed; blank is for ever."""
    text = text.strip()
    if not text:
        return None
    return int(text) if text.isdecimal() and len(text) <= DIGITS else 0
