"""How a search was understood, as answers say it: in the body, or beside a stream in headers."""

from __future__ import annotations

import json
from typing import Annotated, Any, TypedDict

from pydantic import Field

from linkhold.links.language import Query

UNDERSTOOD, REMARKS = "Linkhold-Understood", "Linkhold-Remarks"
HEADERS = {
    UNDERSTOOD: "Of a stream: the search as it was understood, as a JSON string in ASCII.",
    REMARKS: "Of a stream: what of the search was passed over, as a JSON array in ASCII.",
}
LONGEST_HEADER = 1200
"""Proxies refuse an answer whose headers are too long together, some above 4,000 bytes."""
CUT = "…"

Understood = Annotated[str, Field(description="The search as it was understood, written out.")]
Remarks = Annotated[
    list[str], Field(description="What of the search was passed over, or read in another way.")
]


class Told(TypedDict):
    """What is told of a search."""

    understood: str
    remarks: tuple[str, ...]


def told(query: Query) -> Told:
    """Return what the body of an answer says."""
    return {"understood": str(query), "remarks": query.remarks}


def headers(query: Query) -> dict[str, str]:
    """Return what the headers of an answer say: JSON in ASCII, and of what is very long the beginning."""
    return {UNDERSTOOD: _ascii(_shortened(str(query))), REMARKS: _ascii(_first(query.remarks))}


def _ascii(value: Any) -> str:  # noqa: ANN401 - any JSON value
    # Unlike orjson, the standard library can write other characters as escapes, which any header can hold.
    return json.dumps(value, ensure_ascii=True)


def _shortened(text: str) -> str:
    if len(_ascii(text)) <= LONGEST_HEADER:
        return text
    while len(_ascii(text + CUT)) > LONGEST_HEADER:
        text = text[: len(text) * 9 // 10]
    return text + CUT


def _first(remarks: tuple[str, ...]) -> list[str]:
    kept: list[str] = []
    for remark in map(_shortened, remarks):
        if kept and len(_ascii([*kept, remark, CUT])) > LONGEST_HEADER:
            return [*kept, CUT]
        kept.append(remark)
    return kept
