"""Administration: accounts, invitations, storage; for administrators, and for all others not there."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec

from flask import redirect, request, url_for
from werkzeug.wrappers import Response as BaseResponse

import linkhold
from linkhold.accounts import accounts, administration, invitations
from linkhold.db import vitals
from linkhold.doors import current
from linkhold.doors.web import briefly, frame, phone
from linkhold.doors.web.blueprint import bp
from linkhold.errors import BadInput, Conflict, LinkholdError, NotFound
from linkhold.links import library

Given = ParamSpec("Given")


def for_administrators(view: Callable[Given, BaseResponse]) -> Callable[Given, BaseResponse]:
    """Answer a view for administrators alone; for all others there is nothing by its address."""

    @wraps(view)
    def guarded(*args: Given.args, **kwargs: Given.kwargs) -> BaseResponse:
        person = current.person()
        if person is None or not person.is_admin:
            raise NotFound
        return view(*args, **kwargs)

    return guarded


@bp.get("/admin")
@for_administrators
def show_administration() -> BaseResponse:
    """Show the accounts, the open invitations, and how the database does."""
    return _page()


@bp.post("/admin/invitations")
@for_administrators
def invite() -> BaseResponse:
    """Make an invitation, and lead to where its address is shown."""
    form = request.form
    try:
        with current.runtime().transaction() as session:
            code = invitations.issue(
                session,
                current.caller().account_id,
                label=form.get("label", ""),
                days=form.get("days", 0, type=int),
            )
    except BadInput as error:
        return _page(faults=dict(error.faults), status=400)
    return briefly.shown_at(url_for("web.show_administration"), code)


@bp.post("/admin/invitations/<id:invitation_id>/withdraw")
@for_administrators
def withdraw_invitation(invitation_id: int) -> BaseResponse:
    """Make an invitation worthless."""
    with current.runtime().transaction() as session:
        invitations.withdraw(session, current.caller().account_id, invitation_id=invitation_id)
    return redirect(url_for("web.show_administration"), code=303)


@bp.post("/admin/accounts/<id:account_id>/administrator")
@for_administrators
def set_administrator(account_id: int) -> BaseResponse:
    """Make an account an administrator's, or not any more."""
    try:
        with current.runtime().transaction() as session:
            administration.set_administrator(session, account_id, value="yes" in request.form)
    except Conflict as error:
        return _page(error=error, status=409)
    return redirect(url_for("web.show_administration"), code=303)


@bp.post("/admin/accounts/<id:account_id>/remove")
@for_administrators
def remove_account(account_id: int) -> BaseResponse:
    """Destroy an account with its library, for who types its name."""
    try:
        with current.runtime().transaction() as session:
            account = accounts.by_id(session, account_id)
            _check(account.id, account.name)
            accounts.remove(session, account, by=current.caller().account_id)
            library.destroy(session, account_id)
    except (BadInput, Conflict) as error:
        return _page(error=error, status=409)
    # A save that was on its way when the account went may have come in behind us.
    with current.runtime().transaction() as session:
        library.destroy(session, account_id)
    return redirect(url_for("web.show_administration"), code=303)


def _check(account_id: int, name: str) -> None:
    if account_id == current.caller().account_id:
        raise Conflict("Remove your own account on its own page.")
    if request.form.get("name", "") != name:
        raise BadInput("This is not the name of the account.", field="name")


def _page(
    *,
    faults: dict[str, str] | None = None,
    error: LinkholdError | None = None,
    status: int = 200,
) -> BaseResponse:
    runtime = current.runtime()
    with runtime.reading() as session:
        people = administration.people(session)
        open_ones = invitations.open_ones(session)
        invited = invitations.find(session, briefly.secret())
    return frame.page(
        "administration.html",
        status=status,
        people=people,
        invitations=open_ones,
        lifetimes=invitations.LIFETIMES,
        vitals=vitals.vitals(runtime.engine),
        conditions=vitals.conditions(runtime.engine),
        work=vitals.work(runtime.engine),
        version=linkhold.__version__,
        invited=_address(briefly.secret()) if invited else None,
        faults=faults or {},
        told=error.message if error else None,
        me=current.caller().account_id,
    )


def _address(code: str) -> str:
    return f"{phone.reach()['address']}{url_for('web.setup', code=code)}"
