"""Saves through nginx while something is done to the server, each of them counted."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise

from install.conftest import Server


class Load:
    """Saves over kept connections through nginx, each checked."""

    def __init__(self, server: Server, prefix: str, *, writers: int = 4) -> None:
        self.server, self.prefix = server, prefix
        self.saved: list[str] = []
        self.moments: list[float] = []
        self.failed: list[str] = []
        self._ended = threading.Event()
        self._threads = [threading.Thread(target=self._write, args=(number,)) for number in range(writers)]

    def _write(self, writer: int) -> None:
        connection = self.server.connection()
        headers = {"Authorization": f"Bearer {self.server.token}", "Content-Type": "application/json"}
        number = 0
        while not self._ended.is_set():
            number += 1
            url = f"https://example.com/{self.prefix}/{writer}/{number}"
            try:
                connection.request("POST", "/api/v1/links", json.dumps({"url": url}), headers)
                answer = connection.getresponse()
                text = answer.read()
            except OSError as error:
                self.failed.append(repr(error))
                connection.close()
                continue
            # A save that nginx had to send twice finds the link that its first sending made.
            if answer.status in {200, 201}:
                self.saved.append(url)
                self.moments.append(time.monotonic())
            else:
                self.failed.append(f"{answer.status} {text[:200]!r}")
        connection.close()

    def longest_gap(self) -> float:
        """Return for how long, at most, no save was answered."""
        moments = sorted(self.moments)
        return max(after - before for before, after in pairwise(moments))

    def stop(self) -> None:
        self._ended.set()
        for thread in self._threads:
            thread.join(120)

    def start(self) -> None:
        for thread in self._threads:
            thread.start()


@contextmanager
def load(server: Server, prefix: str) -> Iterator[Load]:
    """Put load on the server; afterwards no request has failed, and every save is there."""
    working = Load(server, prefix)
    working.start()
    try:
        yield working
    finally:
        working.stop()
    assert not working.failed, working.failed[:3]
    assert working.saved
    there = set(json.loads(server.request("GET", "/links")[1]))
    assert not set(working.saved) - there
