"""The door for people: pages that work without any script, and better with one."""

from __future__ import annotations

from linkhold.doors.web import (
    access,
    account,
    assets,
    codes,
    entry,
    leaving,
    library,
    link,
    look,
    many,
    phone,
    searches,
    shown,
    speaking,
    tags,
    tidying,
)
from linkhold.doors.web.blueprint import bp
from linkhold.doors.web.look import error_page

__all__ = [
    "access",
    "account",
    "assets",
    "bp",
    "codes",
    "entry",
    "error_page",
    "leaving",
    "library",
    "link",
    "look",
    "many",
    "phone",
    "searches",
    "shown",
    "speaking",
    "tags",
    "tidying",
]
