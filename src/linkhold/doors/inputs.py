"""What came in, as plain values: bodies read and checked, so that views see only what is valid."""

from __future__ import annotations

import re
from typing import Any, TypeVar

import orjson
from flask import request
from flask.globals import request_ctx
from pydantic import BaseModel, ValidationError
from werkzeug.exceptions import HTTPException, RequestEntityTooLarge

from linkhold.doors import compression, current
from linkhold.errors import BadInput, BrokenOff, LinkholdError, Outdated, UnsupportedMedia

ETAG = r'(?:W/)?"[\x21\x23-\x7e\x80-\xff]*"'
# A list as RFC 9110 (5.6.1) has it: some of its elements may be blank.
ETAGS = re.compile(rf"(?:{ETAG}[ \t]*)?(?:,[ \t]*(?:{ETAG}[ \t]*)?)*")
OURS = re.compile(rf'(?<!W/)"([0-9]{{1,9}})(?:{compression.SUFFIX})?"')
MERGE_PATCH = "application/merge-patch+json"
FORM = "multipart/form-data"
"""What werkzeug reads itself, from the body that it keeps."""

Shape = TypeVar("Shape", bound=BaseModel)


def json_object() -> dict[str, Any]:
    """Return the JSON object of the body; raises `BadInput` when there is none."""
    if not request.is_json:
        raise BadInput("Send a JSON object, with the header Content-Type: application/json.")
    try:
        body = orjson.loads(data())
    except orjson.JSONDecodeError as error:
        raise BadInput(f"The body is not valid JSON: {error}.") from None
    if not isinstance(body, dict):
        raise BadInput("The body must be a JSON object.")
    return body


def body(shape: type[Shape], *, patch: bool = False) -> tuple[Shape, bytes]:
    """Return the body as a shape, and the bytes it came in.

    A `patch` may also come as a merge patch (RFC 7396), which for these flat shapes is the same.
    Raises `UnsupportedMedia` for what is not sent as JSON, and `BadInput`, with every fault, for
    what does not fit the shape.
    """
    # Through Flask's proxy each look at the request costs as much as what is looked at.
    here = request_ctx.request
    if not here.is_json and not (patch and here.mimetype == MERGE_PATCH):
        raise UnsupportedMedia
    came = data()
    try:
        return shape.model_validate_json(came), came
    except ValidationError as error:
        raise bad_input(error) from None


def query(shape: type[Shape]) -> Shape:
    """Return the query as a shape; raises `BadInput` for a parameter that is unknown or not valid."""
    try:
        return shape.model_validate(request.args.to_dict())
    except ValidationError as error:
        raise bad_input(error) from None


def seen_versions() -> frozenset[int] | None:
    """Return the versions that `If-Match` names; None when the client sends none, or takes any (`*`).

    A weak tag, or one that is none of ours, names no version: it matches nothing (RFC 9110, 13.1.1), and
    neither does a header without a value, as Granian hands on one that is not ASCII.
    Raises `Outdated` for what is no list of tags.
    """
    given = request.headers.get("If-Match")
    if given is None or given.strip() == "*":
        return None
    given = given.strip()
    if not ETAGS.fullmatch(given):
        raise Outdated
    return frozenset(map(int, OURS.findall(given)))


def data() -> bytes:
    """Return the body; raises 413 for one that is over the limit, `BrokenOff` for one that is not whole.

    werkzeug refuses a Content-Length that is too large, and cuts a chunked body off at the limit
    without a word; the application's limit is one byte more than the setting, so that it shows.
    """
    here = request_ctx.request
    try:
        came = here.get_data(cache=here.mimetype == FORM)
    except (HTTPException, LinkholdError):
        raise
    except Exception as error:
        # Chunks that break off: each server has an error of its own for it, some of no known kind.
        raise BrokenOff from error
    if len(came) > current.runtime().settings.max_body_size:
        raise RequestEntityTooLarge
    return came


def bad_input(error: ValidationError) -> BadInput:
    """Return what a client is told about values that do not fit their shape: every fault, by its field."""
    faults = tuple(
        (".".join(map(str, fault["loc"])), _sentence(fault["msg"]))
        for fault in error.errors(include_url=False, include_input=False, include_context=False)
    )
    field, message = faults[0]
    return BadInput(f"{field}: {message}" if field else message, faults=faults if field else ())


def _sentence(message: str) -> str:
    message = message.removeprefix("Value error, ").replace("Extra inputs are not permitted", "Unknown field")
    return message if message.endswith(".") else f"{message}."
