"""Calls of `/api/v1` that many tests make."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

Call = Callable[..., Any]


def save(call: Call, url: str, status: int = 201, **fields: Any) -> int:
    """Save a link and return its id."""
    return int(call("POST", "/links", status, json={"url": url, **fields})["id"])


def ids(call: Call, q: str, **params: Any) -> list[int]:
    """Return the links that a search finds."""
    found = call("GET", "/links", query_string={"q": q, **params})
    return [link["id"] for link in found["links"]]
