"""Bodies that are arriving: which threads wait for the next piece of one, and since when.

Servers read a body in the thread that answers it, and wait without end for what does not come. A client that
stops in the midst of a request, on purpose or because its network is gone, keeps that thread: whoever runs
the process is to look at how many are kept.
"""

from __future__ import annotations

import threading
from typing import IO

from linkhold import clock

PIECE = 4096
"""In bytes. A read ends when all of it is there: large pieces would make a slow network look stuck."""

_since: dict[int, float] = {}


class Arriving:
    """What a body is read from, in pieces: a slow one that goes on arriving is not stuck."""

    __slots__ = ("_input",)

    def __init__(self, source: IO[bytes]) -> None:
        self._input = source

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
            return self._input.read(size)
        finally:
            del _since[me]


def stuck(seconds: float) -> int:
    """Return how many threads have waited for so long, each for one piece."""
    before = clock.monotonic() - seconds
    return sum(since <= before for since in list(_since.values()))
