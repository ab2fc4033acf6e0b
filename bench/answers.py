"""Where an answer of HTTP/1.1 ends: as little of the protocol as that needs."""

from __future__ import annotations

import re

END_OF_HEAD = b"\r\n\r\n"
LAST_CHUNK = b"0\r\n\r\n"
LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)")


class Answer:
    """An answer that comes in piece by piece."""

    __slots__ = ("_chunked", "_head", "_missing", "_tail", "closes", "status")

    def __init__(self) -> None:
        self.status = 0
        self.closes = False
        """Whether the server closes the connection after it."""
        self._head = b""
        self._missing: int | None = None
        self._chunked = False
        self._tail = b""

    def feed(self, data: bytes) -> bool:
        """Take what was received, nothing for the end of the connection; tells whether it is whole."""
        if not data:
            return bool(self.status) and self._missing is None and not self._chunked
        if not self.status:
            self._head += data
            end = self._head.find(END_OF_HEAD)
            if end < 0:
                return False
            data = self._head[end + len(END_OF_HEAD) :]
            self._read_head(self._head[:end])
        if self._missing is not None:
            self._missing -= len(data)
            return self._missing <= 0
        if self._chunked:
            # JSON escapes control characters, so that a line break and this cannot stand inside a body.
            self._tail = (self._tail + data)[-len(b"\r\n" + LAST_CHUNK) :]
            return self._tail in {LAST_CHUNK, b"\r\n" + LAST_CHUNK}
        return False

    def _read_head(self, head: bytes) -> None:
        self.status = int(head[9:12])
        lower = head.lower()
        found = LENGTH.search(lower)
        if found is not None:
            self._missing = int(found[1])
        elif self.status in {204, 304}:
            self._missing = 0
        else:
            self._chunked = b"\r\ntransfer-encoding: chunked" in lower
        self.closes = b"\r\nconnection: close" in lower or (self._missing is None and not self._chunked)
