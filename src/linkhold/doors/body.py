"""The body of a request, whole or not at all: half an address is an address too."""

from __future__ import annotations

from typing import IO, cast

import flask
from werkzeug.exceptions import LengthRequired, RequestEntityTooLarge
from werkzeug.utils import cached_property
from werkzeug.wsgi import LimitedStream

from linkhold.doors.arriving import Arriving
from linkhold.errors import BrokenOff

SHOW_THEIR_END = ("multipart/form-data", "application/merge-patch+json")


class Whole(LimitedStream):
    """A body of a length that is known: as much as that is read, or nothing."""

    def on_disconnect(self, error: Exception | None = None) -> None:
        """Say that the client went, or was cut off, before it had sent everything."""
        raise BrokenOff from error


class Request(flask.Request):
    """A request that tells a body which broke off from one that is whole.

    Servers say that they know where a body ends, and werkzeug believes them. But when the connection
    breaks, Granian tells it as the end: of a URL that was sent as text, what came until then would be
    saved. Of a body in chunks nothing tells the two apart, save what is in it.
    """

    @cached_property
    def stream(self) -> IO[bytes]:
        """Return what the body is read from; raises 413 for one that is too long, and 411."""
        length = self.content_length
        source = self.environ["wsgi.input"] = Arriving(self.environ["wsgi.input"])
        if length is None:
            if "Transfer-Encoding" in self.headers and not self._shows_its_end():
                raise LengthRequired("Say how long the body is, by the header Content-Length.")
            return super().stream
        if length > (self.max_content_length or length):
            raise RequestEntityTooLarge
        return cast("IO[bytes]", Whole(cast("IO[bytes]", source), length))

    def _shows_its_end(self) -> bool:
        """Tell whether half a body of this kind is none: JSON lacks a bracket, a form its last boundary."""
        return self.is_json or self.mimetype in SHOW_THEIR_END
