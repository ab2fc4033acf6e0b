"""What apps send to the door for shared text."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from werkzeug.test import TestResponse

Send = Callable[..., TestResponse]


URLENCODED, RAW_FORM = "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"


URL = "https://www.tides.example/2027"


def form(**fields: Any) -> dict[str, Any]:
    return {"data": fields, "content_type": "multipart/form-data"}


def raw_form(text: bytes) -> dict[str, Any]:
    body = b'--x\r\nContent-Disposition: form-data; name="text"\r\n\r\n' + text + b"\r\n--x--\r\n"
    return plain(body, RAW_FORM)


def plain(body: str | bytes, content_type: str = "text/plain") -> dict[str, Any]:
    return {"data": body, "content_type": content_type}
