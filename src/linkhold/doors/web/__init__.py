"""The door for people: pages that work without any script, and better with one."""

from __future__ import annotations

from linkhold.doors.web import (
    adding,
    assets,
    codes,
    entry,
    feeds,
    library,
    link,
    look,
    many,
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
    "adding",
    "assets",
    "bp",
    "codes",
    "entry",
    "error_page",
    "feeds",
    "library",
    "link",
    "look",
    "many",
    "public",
    "searches",
    "shown",
    "speaking",
    "tags",
    "tidying",
]
