"""The caller's own account through `/api/v1`, and emptying its trash."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from flask import Response
from pydantic import BaseModel, ConfigDict, Field

from linkhold.accounts import accounts
from linkhold.accounts.models import Account
from linkhold.doors import current, inputs, reply
from linkhold.doors.v1 import shapes
from linkhold.doors.v1.blueprint import bp
from linkhold.doors.v1.openapi import operation
from linkhold.links import trash

LONGEST_RETENTION = 36_500


class AccountShape(BaseModel):
    """The account that calls."""

    model_config = shapes.example({"name": "ada", "trash_days": 30, "language": "de"})

    name: str
    trash_days: Annotated[
        int | None, Field(description="Days after which the trash destroys a link; null keeps it for ever.")
    ]
    language: Annotated[
        str, Field(description="What it is spoken to in: `en` or `de`; blank is what its programs ask for.")
    ]


class AccountEdit(shapes.In):
    """New values; what is left out stays."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"trash_days": 90}]})

    trash_days: Annotated[int, Field(ge=1, le=LONGEST_RETENTION)] | None = None
    language: Literal["", "en", "de"] | None = None


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
    """Set how long the trash keeps (null: for ever), and the language."""
    sent, _ = inputs.body(AccountEdit, patch=True)
    with current.runtime().transaction() as session:
        account = accounts.by_id(session, current.caller().account_id)
        if "trash_days" in sent.model_fields_set:
            account.trash_days = sent.trash_days
        if sent.language is not None:
            account.language = sent.language
    return reply.json(_account(account))


@bp.delete("/trash")
@operation(answers={200: EmptiedShape})
def empty_trash() -> Response:
    """Empty the trash: its links are destroyed, and this cannot be undone."""
    with current.runtime().transaction() as session:
        return reply.json({"destroyed": trash.empty(session, current.caller().account_id)})


def _account(account: Account) -> dict[str, Any]:
    return {name: getattr(account, name) for name in AccountShape.model_fields}
