"""What belongs to the request that is being answered: the runtime, and who calls."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

from flask import Flask, g
from flask.globals import app_ctx

from linkhold.accounts.sessions import Person
from linkhold.links.changes import Origin
from linkhold.runtime import Runtime

EXTENSION = "linkhold"


@dataclass(frozen=True, slots=True)
class Caller:
    """Who calls: the account, what it may do here, and by which door it came."""

    account_id: int
    scopes: frozenset[str]
    origin: Origin
    person: Person | None = None
    """Who looks at a page, and how; looking it up is worth it only there."""
    session_id: int = 0
    """The browser session of who looks at a page."""
    is_first_today: bool = False
    """Whether that browser was last seen on an earlier day."""


def install(app: Flask, runtime: Runtime) -> None:
    """Give an application its runtime."""
    app.extensions[EXTENSION] = runtime


def runtime() -> Runtime:
    """Return the runtime of the application that answers."""
    return cast("Runtime", app_ctx.app.extensions[EXTENSION])


def set_caller(caller: Caller) -> None:
    """Say who calls; done once for each request, by `identify`."""
    g.caller = caller


def ring() -> None:
    """Tell those who wait for changes of the caller's library that there may be some."""
    caller = found()
    if caller is not None:
        runtime().bell.ring(caller.account_id)


def caller() -> Caller:
    """Return who calls. Only for routes that are not open to all: there, it is always known."""
    return cast("Caller", g.caller)


def found() -> Caller | None:
    """Return who calls; None when that is not known."""
    caller: Caller | None = g.get("caller")
    return caller


def person() -> Person | None:
    """Return who looks at this page; None when it is nobody who is logged in."""
    caller = found()
    return None if caller is None else caller.person
