"""A request as an adapter writes it down, and the bytes of it."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from bench.addresses import TITLE, address

ADDRESS = "@ADDRESS@"


@dataclass(frozen=True, slots=True)
class Request:
    """One request; `@ADDRESS@` in the body stands for an address that is another one each time."""

    method: str
    path: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: str = ""
    status: int = 200
    """What a good answer has; any other is counted as an error."""

    def messages(self, port: int, first: int) -> Iterator[bytes]:
        """Return the bytes of one request after another; `first` is the number of the first address."""
        before, found, after = self.body.partition(ADDRESS)
        example = before + (address(0) if found else "") + after
        lines = [f"{self.method} {self.path} HTTP/1.1", f"Host: 127.0.0.1:{port}"]
        lines += [f"{name}: {value}" for name, value in self.headers.items()]
        if self.body:
            lines.append(f"Content-Length: {len(example.encode())}")
        opening = ("\r\n".join(lines) + "\r\n\r\n" + before).encode()
        closing = after.encode()
        for number in itertools.count(first):
            yield opening + (address(number).encode() if found else b"") + closing


def json_save(
    path: str, *, headers: Mapping[str, str] | None = None, status: int = 200, title: bool = True
) -> Request:
    """Return the request that saves an address as JSON: `url`, and `title` where there is one."""
    body = f'{{"url": "{ADDRESS}", "title": "{TITLE}"}}' if title else f'{{"url": "{ADDRESS}"}}'
    return Request("POST", path, {"Content-Type": "application/json", **(headers or {})}, body, status)
