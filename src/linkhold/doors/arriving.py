"""Bodies that are arriving: which threads wait for the next piece of one, and what nobody has read yet.

Servers read a body in the thread that answers it, and wait without end for what does not come. A client that
stops in the midst of a request, on purpose or because its network is gone, keeps that thread: whoever runs
the process is to look at how many are kept.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterable, Iterator
from itertools import chain
from typing import IO, Any

from werkzeug.sansio.utils import get_content_length
from werkzeug.wsgi import ClosingIterator

from linkhold import clock

PIECE = 4096
"""In bytes. A read ends when all of it is there: large pieces would make a slow network look stuck."""

_since: dict[int, float] = {}


class Arriving:
    """What a body is read from, in pieces: a slow one that goes on arriving is not stuck."""

    __slots__ = ("_input", "came")

    def __init__(self, source: IO[bytes]) -> None:
        self._input = source
        self.came = 0
        """How many bytes have been read."""

    def read(self, size: int = -1) -> bytes:
        """Return so many bytes, or all there are; fewer when the body ends before."""
        if 0 < size <= PIECE:
            return self._piece(size)
        pieces: list[bytes] = []
        while size and (piece := self._piece(PIECE if size < 0 else min(size, PIECE))):
            pieces.append(piece)
            size -= len(piece) if size > 0 else 0
        return b"".join(pieces)

    def _piece(self, size: int) -> bytes:
        me = threading.get_ident()
        _since[me] = clock.monotonic()
        try:
            piece = self._input.read(size)
        finally:
            del _since[me]
        self.came += len(piece)
        return piece


def stuck(seconds: float) -> int:
    """Return how many threads have waited for so long, each for one piece."""
    before = clock.monotonic() - seconds
    return sum(since <= before for since in list(_since.values()))


def lingering(answer: Iterable[bytes], environ: dict[str, Any], *, most: int) -> Iterable[bytes]:
    """Return an answer which, when it is sent, goes on reading the rest of a body of up to `most` bytes.

    An answer may be ready before its request was read, as one that refuses it. A server then closes the
    connection, and who still sends meets the end of it instead of the answer: nginx says 502 (RFC 9112, 9.6,
    tells of it). A client that waits to be told to go on (RFC 9110, 10.1.1) sends nothing more.
    """
    length = get_content_length(environ.get("CONTENT_LENGTH") or None, environ.get("HTTP_TRANSFER_ENCODING"))
    if length is None and "HTTP_TRANSFER_ENCODING" not in environ:
        return answer
    source = environ["wsgi.input"]
    body = source if isinstance(source, Arriving) else Arriving(source)
    end = most if length is None else length
    if body.came >= end or end > most or "HTTP_EXPECT" in environ:
        return answer
    close = [answer.close] if hasattr(answer, "close") else []
    return ClosingIterator(chain(answer, _rest(body, end)), close)


def _rest(body: Arriving, end: int) -> Iterator[bytes]:
    """Read the rest of a body, and yield nothing."""
    # Each server has an error of its own for a client that is gone, some of no known kind.
    with contextlib.suppress(Exception):
        while body.came < end and body.read(min(PIECE, end - body.came)):
            pass
    yield from ()
