"""The body of a share, however an app sends it: JSON, a form of either kind, or plain text."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Annotated, Any
from urllib.parse import parse_qsl, unquote_plus

import orjson
from flask import request
from pydantic import BaseModel, BeforeValidator, ConfigDict, ValidationError

from linkhold.doors import inputs
from linkhold.errors import BadInput, UnsupportedMedia
from linkhold.links.shares import Share

URLENCODED = "application/x-www-form-urlencoded"
PLAIN = ("", "application/octet-stream")
CHARSETS = {
    "utf-8": "utf-8-sig",
    "utf8": "utf-8-sig",
    "us-ascii": "utf-8-sig",
    "utf-16": "utf-16",
    "iso-8859-1": "cp1252",
    "windows-1252": "cp1252",
}
REPLACED = "\ufffd"
TRUTHS = {
    "true": True,
    "1": True,
    "on": True,
    "yes": True,
    "false": False,
    "0": False,
    "off": False,
    "no": False,
    "": False,
}
MOST_FIELDS = 1000
ADDRESS = re.compile(r"\s*[A-Za-z][A-Za-z0-9+.-]*://")


def _one_text(value: object) -> object:
    """Take null for nothing, and a list of texts for lines."""
    if value is None:
        return ""
    if isinstance(value, list) and all(isinstance(each, str) for each in value):
        return "\n".join(value)
    return value


def _tags(value: object) -> object:
    """Take null for none, and a text for tags with commas between them."""
    if isinstance(value, str):
        return value.split(",")
    return [] if value is None else value


Text = Annotated[str, BeforeValidator(_one_text)]


class ShareShape(BaseModel):
    """What may be sent by name; another name is an error and not a loss."""

    model_config = ConfigDict(extra="forbid", strict=True)

    text: Text = ""
    url: Text = ""
    title: Text = ""
    notes: Text = ""
    tags: Annotated[list[str], BeforeValidator(_tags)] = []
    unread: bool = False


def read() -> Share:
    """Return what was shared.

    Raises `BadInput` for what cannot be read or has an unknown name, and `UnsupportedMedia`.
    """
    if request.is_json:
        return _json(inputs.data())
    if request.mimetype == URLENCODED:
        return _urlencoded(inputs.data())
    if request.mimetype == inputs.FORM:
        return _multipart(inputs.data())
    if request.mimetype in PLAIN or request.mimetype.startswith("text/"):
        return Share(_decoded(inputs.data(), request.mimetype_params.get("charset", "utf-8")))
    raise UnsupportedMedia("Send text: as JSON, as a form, or as it is.")


def _json(data: bytes) -> Share:
    try:
        sent = orjson.loads(data)
    except orjson.JSONDecodeError as error:
        raise BadInput(f"The body is not valid JSON: {error}.") from None
    if isinstance(sent, dict):
        return _share(sent)
    text = _one_text(sent)
    if sent is None or not isinstance(text, str):
        raise BadInput("The JSON must be an object with a text or a url, or a text by itself.")
    return Share(text)


def _share(sent: Mapping[str, Any]) -> Share:
    try:
        return Share(**ShareShape.model_validate(sent).model_dump())
    except ValidationError as error:
        raise inputs.bad_input(error) from None


def _urlencoded(data: bytes) -> Share:
    """Return what a form has, or the body itself where it is none: `curl -d 'https://…'` says it is."""
    body = _decoded(data, "utf-8")
    if ADDRESS.match(body):
        # Some of its parameters may be called as the fields of a form are.
        return Share(body)
    try:
        pairs = parse_qsl(body, keep_blank_values=True, errors="strict", max_num_fields=MOST_FIELDS)
        if any(name in ShareShape.model_fields for name, _ in pairs):
            return _form(pairs)
        if "%3a%2f%2f" in body.lower() and not any(map(str.isspace, body)):
            return Share(unquote_plus(body, errors="strict"))
    except UnicodeDecodeError:
        raise BadInput("The form is not valid UTF-8.") from None
    except ValueError:
        pass  # more fields than a form has: an `&` in a text
    return _json(data) if _is_object(data) else Share(body)


def _is_object(data: bytes) -> bool:
    try:
        return isinstance(orjson.loads(data), dict)
    except orjson.JSONDecodeError:
        return False


def _multipart(data: bytes) -> Share:
    pairs = list(request.form.items(multi=True))
    if REPLACED.encode() not in data and any(REPLACED in part for pair in pairs for part in pair):
        raise BadInput("The form is not valid UTF-8.")
    for file in request.files.values():
        content = file.stream.read()
        if not file.mimetype.startswith("text/") and file.mimetype not in PLAIN and content:
            raise UnsupportedMedia("Files cannot be kept, only text and links.")
        pairs.append(("text", _decoded(content, "utf-8")))
    if data and not pairs:
        raise BadInput("The body is not a form as its Content-Type says.")
    return _form(pairs)


def _form(pairs: Iterable[tuple[str, str]]) -> Share:
    """Return what the fields of a form have; one that comes twice has two lines."""
    fields: dict[str, list[str]] = {}
    for name, value in pairs:
        fields.setdefault(name, []).append(value)
    sent: dict[str, Any] = dict(fields)
    sent["tags"] = ",".join(fields.get("tags", ()))
    unread = fields.get("unread", [""])[-1].strip().lower()
    sent["unread"] = TRUTHS.get(unread, unread)
    return _share(sent)


def _decoded(data: bytes, charset: str) -> str:
    codec = CHARSETS.get(charset.lower())
    if codec is None:
        raise UnsupportedMedia("Send the text in UTF-8.")
    try:
        return data.decode(codec)
    except UnicodeDecodeError:
        raise BadInput(f"The text is not valid {charset.upper()}.", field="text") from None
