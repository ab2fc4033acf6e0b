"""What was done to an account, as its page tells it: stored in English, said in the reader's language."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from linkhold.accounts.models import Audited
from linkhold.doors.web import agents
from linkhold.doors.web.blueprint import bp
from linkhold.doors.web.speaking import gettext, translated

OF_A_TOKEN = re.compile(r"(?P<label>.*) \((?P<scopes>(?:read|write)(?:, (?:read|write))*)\)", re.DOTALL)
MADE_HERE = frozenset({"administrator", "first token"})
"""Details that are words of ours; all others are somebody's."""


@dataclass(frozen=True, slots=True)
class Told:
    """One line of what was done."""

    what: str
    detail: str
    agent: tuple[str, str] | None
    """The browser and the device, if it is a browser that did it."""
    said: str
    """What the browser calls itself in full."""
    at: datetime
    address: str


def told(act: Audited) -> Told:
    """Return an act in the language of the page."""
    what, is_browser = translated(act.act), act.detail.startswith("Mozilla/")
    return Told(
        what=what[:1].upper() + what[1:],
        detail="" if is_browser else _detail(act.detail),
        agent=agents.named(act.detail) if is_browser else None,
        said=act.detail,
        at=act.at,
        address=translated(act.address),
    )


def scopes(names: Iterable[str]) -> str:
    """Return what a token may do, by its scopes."""
    match sorted(set(names)):
        case ["read"]:
            return gettext("reads")
        case ["write"]:
            return gettext("writes")
    return gettext("reads and writes")


@bp.app_template_filter("token_name")
def label(name: str) -> str:
    """Return the name of a token: the one that comes with an account is called so by us."""
    return translated(name) if name in MADE_HERE else name


def _detail(detail: str) -> str:
    token = OF_A_TOKEN.fullmatch(detail)
    if token is None:
        return label(detail)
    return f"{label(token['label'])} ({scopes(token['scopes'].split(', '))})"
