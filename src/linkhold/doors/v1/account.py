"""The caller's own account through `/api/v1`, and emptying its trash."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from flask import Response
from pydantic import BaseModel, ConfigDict, Field

from linkhold.accounts import accounts, audit, preferences
from linkhold.accounts.models import Account
from linkhold.doors import current, inputs, reply
from linkhold.doors.v1 import shapes
from linkhold.doors.v1.blueprint import bp
from linkhold.doors.v1.openapi import operation
from linkhold.links import trash


class AccountShape(BaseModel):
    """The account that calls."""

    model_config = shapes.example(
        {
            "name": "ada",
            "trash_days": 30,
            "language": "de",
            "time_zone": "Europe/Berlin",
            "appearance": "",
            "quiet_keys": False,
        }
    )

    name: str
    trash_days: Annotated[
        int | None, Field(description="Days after which the trash destroys a link; null keeps it for ever.")
    ]
    language: Annotated[
        str, Field(description="What it is spoken to in: `en` or `de`; blank is what its programs ask for.")
    ]
    time_zone: Annotated[
        str, Field(description="Where its days begin, such as `Europe/Berlin`; blank is UTC.")
    ]
    appearance: Annotated[str, Field(description="Of its pages: `light` or `dark`; blank is the device's.")]
    quiet_keys: Annotated[bool, Field(description="Whether single keys do nothing on its pages.")]


class AccountEdit(shapes.In):
    """New values; what is left out stays."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"trash_days": 90}]})

    trash_days: Annotated[int, Field(ge=1, le=preferences.LONGEST_RETENTION)] | None = None
    language: Literal["", "en", "de"] | None = None
    time_zone: Annotated[str | None, Field(max_length=100)] = None
    appearance: Literal["", "light", "dark"] | None = None
    quiet_keys: bool | None = None


NULLS: dict[str, str | bool] = {"language": "", "time_zone": "", "appearance": "", "quiet_keys": False}


class AuditQuery(BaseModel):
    """Which acts."""

    model_config = ConfigDict(extra="forbid")

    limit: Annotated[int, Field(ge=1, le=1000, description="How many at most.", examples=[20])] = 100
    before: Annotated[
        int | None, Field(ge=1, lt=2**63, description="`next` of the page before.", examples=[7])
    ] = None


class ActShape(BaseModel):
    """Something that was done to the account."""

    id: int
    at: datetime
    act: Annotated[str, Field(description="Such as `logged in`, `log-in refused` or `token added`.")]
    detail: Annotated[str, Field(description="The browser of a log-in, the name of a token.")]
    address: Annotated[str, Field(description="Where from: an address, or the server's `command line`.")]


class AuditShape(BaseModel):
    """What was done to the account, the last first."""

    model_config = shapes.example(
        {
            "acts": [
                {
                    "id": 7,
                    "at": "2026-11-23T13:23:58.919386Z",
                    "act": "token added",
                    "detail": "iPhone (write)",
                    "address": "192.0.2.7",
                }
            ],
            "next": None,
        }
    )

    acts: list[ActShape]
    next: Annotated[int | None, Field(description="`before` of the next page; null at the end.")]


class EmptiedShape(BaseModel):
    """What emptying the trash did."""

    model_config = shapes.example({"destroyed": 3})

    destroyed: Annotated[int, Field(description="How many links are gone for good.")]


@bp.get("/account")
@operation(answers={200: AccountShape})
def get_account() -> Response:
    """Get the account that calls."""
    with current.runtime().reading() as session:
        return reply.json(_account(accounts.by_id(session, current.caller().account_id)))


@bp.patch("/account")
@operation(body=AccountEdit, answers={200: AccountShape}, problems=(400, 413, 415), patch=True)
def edit_account() -> Response:
    """Set how long the trash keeps (null: for ever), and how the person is shown things."""
    sent, _ = inputs.body(AccountEdit, patch=True)
    with current.runtime().transaction() as session:
        wanted = sent.model_dump(exclude_unset=True)
        # Null is what it was at first, but for the trash, which then keeps for ever.
        wanted = {name: NULLS.get(name) if value is None else value for name, value in wanted.items()}
        account = preferences.change(session, current.caller().account_id, **wanted)
    return reply.json(_account(account))


@bp.get("/account/audit")
@operation(query=AuditQuery, answers={200: AuditShape}, problems=(400,))
def get_audit() -> Response:
    """List what was done to the account, the last first: log-ins, tokens, passwords."""
    asked = inputs.query(AuditQuery)
    with current.runtime().reading() as session:
        found = audit.of_account(session, current.caller().account_id, limit=asked.limit, before=asked.before)
    acts = [{name: getattr(each, name) for name in ActShape.model_fields} for each in found]
    return reply.json({"acts": acts, "next": found[-1].id if len(found) == asked.limit else None})


@bp.delete("/trash")
@operation(answers={200: EmptiedShape})
def empty_trash() -> Response:
    """Empty the trash: its links are destroyed, and this cannot be undone."""
    with current.runtime().transaction() as session:
        return reply.json({"destroyed": trash.empty(session, current.caller().account_id)})


def _account(account: Account) -> dict[str, Any]:
    return {name: getattr(account, name) for name in AccountShape.model_fields}
