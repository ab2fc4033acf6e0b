"""The door `/api/v1`: Linkhold's own API."""

from __future__ import annotations

from linkhold.doors.v1 import (
    account,
    bulk,
    duplicates,
    feed,
    history,
    inbox,
    links,
    listing,
    reference,
    searches,
    tags,
)
from linkhold.doors.v1.blueprint import bp

__all__ = [
    "account",
    "bp",
    "bulk",
    "duplicates",
    "feed",
    "history",
    "inbox",
    "links",
    "listing",
    "reference",
    "searches",
    "tags",
]
