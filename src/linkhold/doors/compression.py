"""Answers compressed with gzip, whole or as they are streamed, for clients that take it.

The standard library's zlib does all of it; the extensions there are bring two more compressors.
"""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Iterable, Iterator

from flask import Request
from werkzeug.wrappers import Response

SMALLEST = 1000
"""Bytes below which the headers would outweigh what is saved."""
LEVEL = 5
SUFFIX = "-gzip"
"""Ends the tag of what is compressed: a strong one is of one representation alone (RFC 9110, 8.8.3.3)."""
TYPES = (
    "application/json",
    "application/problem+json",
    "application/x-ndjson",
    "application/atom+xml",
    "text/",
    "image/svg+xml",
)
GZIP_FORMAT = 31  # zlib's number for a gzip header with the largest window


def apply(request: Request, response: Response) -> None:
    """Compress an answer, if it is worth it and the client takes it."""
    if not response.is_streamed and (response.content_length or 0) < SMALLEST:
        return
    if "Content-Encoding" in response.headers or not (response.mimetype or "").startswith(TYPES):
        return
    response.vary.add("Accept-Encoding")
    if request.accept_encodings["gzip"] <= 0:
        return
    if response.is_streamed:
        response.response = _compressed(response.iter_encoded())
        response.headers.pop("Content-Length", None)
    else:
        response.set_data(gzip.compress(response.get_data(), LEVEL, mtime=0))
    response.headers["Content-Encoding"] = "gzip"
    tag, is_weak = response.get_etag()
    if tag and not is_weak:
        response.set_etag(f"{tag}{SUFFIX}")


def answer_conditionally(request: Request, response: Response) -> None:
    """Make it a `304` for a client that has the tag that it has now, compressed or not."""
    asked = {
        name: request.environ[name].replace(f'{SUFFIX}"', '"')
        for name in ("HTTP_IF_MATCH", "HTTP_IF_NONE_MATCH")
        if name in request.environ
    }
    response.make_conditional(request.environ | asked)


def _compressed(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """Compress piece by piece; each piece can be read by the client as soon as it is sent."""
    compressor = zlib.compressobj(LEVEL, wbits=GZIP_FORMAT)
    try:
        for piece in pieces:
            yield compressor.compress(piece) + compressor.flush(zlib.Z_SYNC_FLUSH)
        yield compressor.flush()
    finally:
        # The client may have gone: what reads the database must end too.
        close = getattr(pieces, "close", None)
        if close is not None:
            close()
