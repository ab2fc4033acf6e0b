"""A server's API as the commands use it: where it is, the token for it, and requests."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
import platformdirs
import urllib3
from urllib3.exceptions import HTTPError

from linkhold.errors import LinkholdError, NotAuthenticated

OK, CREATED_TO = 200, 300
UNAUTHORIZED = 401
NDJSON = "application/x-ndjson"
# What the server says beside a stream (docs/api.md).
REMARKS = "Linkhold-Remarks"
TIMEOUT = urllib3.Timeout(connect=10, read=120)
RETRIES = urllib3.Retry(total=3, backoff_factor=0.5, status_forcelist=[503], allowed_methods=None, redirect=0)


class ServerSaid(LinkholdError):
    """The server refused."""

    def __init__(self, message: str, status: int) -> None:
        super().__init__(message)
        self.status = status


class NotConnected(LinkholdError):
    """This command is not connected to a server: linkhold login URL."""


def place() -> Path:
    """Return the file that keeps the server's address and the token."""
    return Path(platformdirs.user_config_dir("linkhold", appauthor=False)) / "server.json"


@dataclass(frozen=True, slots=True)
class Client:
    """A server, and a token for it."""

    url: str
    token: str

    @classmethod
    def kept(cls) -> Client:
        """Return the one that `keep` kept.

        Raises `NotConnected`, and `LinkholdError` when others can read the file.
        """
        path = place()
        try:
            mode = stat.S_IMODE(path.stat().st_mode)
            content = orjson.loads(path.read_bytes())
        except FileNotFoundError:
            raise NotConnected from None
        except (OSError, ValueError) as error:
            raise LinkholdError(f"{path} cannot be read ({error}): linkhold login writes it anew.") from None
        if mode & 0o077:
            raise LinkholdError(f"{path} holds a token, and others can read it: chmod 600 {path}")
        match content:
            case {"url": str(url), "token": str(token)}:
                return cls(url, token)
        raise LinkholdError(f"{path} holds no address and token: linkhold login writes it anew.")

    def keep(self) -> Path:
        """Write it to a file that only its owner can read; returns where."""
        path = place()
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        fresh = path.with_suffix(".new")
        fresh.unlink(missing_ok=True)
        # It is never, not even for a moment, open to others.
        with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(orjson.dumps({"url": self.url, "token": self.token}))
        fresh.replace(path)
        return path

    def call(
        self,
        method: str,
        path: str,
        *,
        query: dict[str, Any] | None = None,
        body: Any = None,  # noqa: ANN401 - any JSON
        seen: int | None = None,
    ) -> Any:  # noqa: ANN401 - any JSON
        """Send a request to `/api/v1` and return the JSON of the answer; None for an empty one.

        `seen` is the version of the link that the change was decided by: the server refuses the change
        when the link has another. A request that got no answer is sent again: the API is safe to
        repeat. Raises `ServerSaid` with the server's words, `NotAuthenticated`, and `LinkholdError`
        when the server cannot be reached.
        """
        answer = self._send(method, path, query=query, body=body, seen=seen)
        return _object(answer.data) if answer.data else None

    def found(self, *, query: dict[str, Any]) -> tuple[list[str], Iterator[bytes]]:
        """Return what was remarked on a search, and the links that it finds as they come, a line each."""
        answer = self._send("GET", "/links", query=query, accept=NDJSON, stream=True)
        return _remarks(answer), _lines(answer)

    def _send(
        self,
        method: str,
        path: str,
        *,
        query: dict[str, Any] | None = None,
        body: Any = None,  # noqa: ANN401 - any JSON
        accept: str = "application/json",
        stream: bool = False,
        seen: int | None = None,
    ) -> urllib3.BaseHTTPResponse:
        headers = {"Authorization": f"Bearer {self.token}", "Accept": accept, "Accept-Encoding": "gzip"}
        data = None
        if seen is not None:
            headers["If-Match"] = f'"{seen}"'
        if body is not None:
            headers["Content-Type"], data = "application/json", orjson.dumps(body)
        try:
            answer = POOL.request(
                method,
                f"{self.url}/api/v1{path}",
                fields=query if data is None else None,
                body=data,
                headers=headers,
                preload_content=not stream,
            )
        except HTTPError as error:
            reason = getattr(error, "reason", None) or error
            raise LinkholdError(f"{self.url} cannot be reached: {reason}") from None
        if not OK <= answer.status < CREATED_TO:
            _refuse(answer)
        return answer


POOL = urllib3.PoolManager(timeout=TIMEOUT, retries=RETRIES)


def _object(data: bytes) -> dict[str, Any]:
    """Return the object that every answer of the API is; raises `LinkholdError` for anything else."""
    try:
        content = orjson.loads(data)
    except ValueError:
        content = None
    if not isinstance(content, dict):
        raise LinkholdError(NOT_LINKHOLD.format(status=OK))
    return content


def _remarks(answer: urllib3.BaseHTTPResponse) -> list[str]:
    try:
        return list(map(str, orjson.loads(answer.headers.get(REMARKS, "[]"))))
    except (ValueError, TypeError):
        return []


def _lines(answer: urllib3.BaseHTTPResponse) -> Iterator[bytes]:
    """Yield the lines of an answer as they come; each is a link, whole."""
    if not answer.headers.get("Content-Type", "").startswith(NDJSON):
        raise LinkholdError(NOT_LINKHOLD.format(status=answer.status))
    rest = b""
    try:
        for piece in answer.stream(2**16, decode_content=True):
            *whole, rest = (rest + piece).split(b"\n")
            yield from whole
    except HTTPError:
        # What came of the last line is no link.
        raise LinkholdError(ENDED_EARLY) from None
    if rest:
        try:
            orjson.loads(rest)
        except ValueError:
            raise LinkholdError(ENDED_EARLY) from None
        yield rest


ENDED_EARLY = "The answer broke off in the middle: what came is right, and more was to come. Try again."
NOT_LINKHOLD = "The server answered {status}, and not as Linkhold does: is the address right?"


def _refuse(answer: urllib3.BaseHTTPResponse) -> None:
    if answer.status == UNAUTHORIZED:
        raise NotAuthenticated("The server does not accept this token any more: linkhold login URL")
    try:
        problem = orjson.loads(answer.data)
        detail = str(problem["detail"])
    except (ValueError, KeyError, TypeError):
        detail = NOT_LINKHOLD.format(status=answer.status)
    raise ServerSaid(detail, answer.status)
