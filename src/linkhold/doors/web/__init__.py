"""The door for people: pages that work without any script, and better with one."""

from __future__ import annotations

from linkhold.doors.web import (
    access,
    account,
    adding,
    administration,
    assets,
    codes,
    edits,
    entry,
    feeds,
    inbox,
    installing,
    leaving,
    library,
    link,
    look,
    many,
    phone,
    public,
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
    "adding",
    "administration",
    "assets",
    "bp",
    "codes",
    "edits",
    "entry",
    "error_page",
    "feeds",
    "inbox",
    "installing",
    "leaving",
    "library",
    "link",
    "look",
    "many",
    "phone",
    "public",
    "searches",
    "shown",
    "speaking",
    "tags",
    "tidying",
]
