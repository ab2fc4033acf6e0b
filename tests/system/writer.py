"""A writer that saves over real sockets, as fast as it is answered, and notes each acknowledgement."""

from __future__ import annotations

import collections
import http.client
import itertools
import json
import threading
import time
from dataclasses import dataclass, field
from typing import Any, Protocol

from patience import until

THREADS = 6


class Target(Protocol):
    """A Linkhold that is written to, and whose database can be looked into."""

    owner: int
    """The account that saves."""

    def connect(self, timeout: float) -> http.client.HTTPConnection: ...

    def headers(self) -> dict[str, str]: ...

    def rows(self, query: str) -> list[dict[str, Any]]: ...


@dataclass
class Writer:
    """What was sent, and what of it was acknowledged, by number."""

    target: Target
    sent: set[int] = field(default_factory=set)
    acknowledged: dict[int, int] = field(default_factory=dict)
    """The id of the link that each acknowledged save was answered with."""
    statuses: collections.Counter[int] = field(default_factory=collections.Counter)
    without_retry_after: int = 0
    _numbers: itertools.count[int] = field(default_factory=itertools.count)
    _stopping: threading.Event = field(default_factory=threading.Event)
    _threads: list[threading.Thread] = field(default_factory=list)

    def start(self) -> None:
        self._stopping.clear()
        self._threads = [threading.Thread(target=self._write, daemon=True) for _ in range(THREADS)]
        for thread in self._threads:
            thread.start()

    def wait_for_more(self) -> None:
        """Wait until something is saved from now on."""
        before = len(self.acknowledged)
        until(lambda: len(self.acknowledged) > before, told=lambda: f"nothing is saved: {self.statuses}")

    def stop(self) -> None:
        self._stopping.set()
        for thread in self._threads:
            thread.join()

    def _write(self) -> None:
        while not self._stopping.is_set():
            connection = self.target.connect(timeout=10)
            try:
                while not self._stopping.is_set():
                    self._save(connection)
            except (OSError, http.client.HTTPException):
                time.sleep(0.02)  # nobody knows what became of this save, and nobody was told
            finally:
                connection.close()

    def _save(self, connection: http.client.HTTPConnection) -> None:
        number = next(self._numbers)
        self.sent.add(number)
        connection.request("POST", "/api/v1/links", json.dumps(link(number)), self.target.headers())
        answer = connection.getresponse()
        body = answer.read()
        self.statuses[answer.status] += 1
        # A save that a proxy had to send twice finds the link that its first sending made.
        if answer.status in {200, 201}:
            self.acknowledged[number] = json.loads(body)["id"]
        elif answer.status == 503 and answer.getheader("Retry-After") is None:
            self.without_retry_after += 1


def link(number: int) -> dict[str, object]:
    """Return what is saved by a number: told apart from all others in each of its parts."""
    return {
        "url": f"https://example.com/{number}?utm_source=writer",
        "title": f"Title {number}",
        "tags": [f"tag-{number}", "all"],
    }
