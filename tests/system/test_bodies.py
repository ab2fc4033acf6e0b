"""A body that broke off on its way is refused by every door, and nothing of it is kept."""

from __future__ import annotations

import json
import re
import socket
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from http.client import HTTPResponse
from pathlib import Path

import pytest

from patience import until
from system.prepared import Prepared
from system.served import Served
from system.test_lifetime import on_gunicorn

URL = "https://example.com/a/long/address"
KINDS = {
    "text": ("/save", "text/plain", URL),
    "urlencoded": ("/save", "application/x-www-form-urlencoded", f"url={URL}"),
    "untyped": ("/save", "application/octet-stream", URL),
    "json": ("/links", "application/json", json.dumps({"url": URL})),
    "native": ("/api/v1/links", "application/json", json.dumps({"url": URL})),
    "shared json": ("/save", "application/json", json.dumps({"url": URL})),
    "page": ("/bookmarks/new", "application/x-www-form-urlencoded", f"url={URL}&title=a"),
}


@pytest.fixture(scope="module", params=["granian", "gunicorn"])
def served(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, prepared: Prepared
) -> Iterator[Served]:
    made = Served(tmp_path_factory.mktemp(request.param))
    prepared.hand_to(made)
    if request.param == "gunicorn":
        on_gunicorn(made, "--workers", "1", "--threads", "4")
    made.start()
    yield made
    made.close()


def cookie(served: Served) -> str:
    connection = served.connect()
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    connection.request("POST", "/login", "name=ada&password=correct+horse+battery", form)
    set_cookie = connection.getresponse().getheader("Set-Cookie") or ""
    connection.close()
    return set_cookie.partition(";")[0]


def connected(served: Served, timeout: float = 10) -> socket.socket:
    return socket.create_connection(("127.0.0.1", served.port), timeout=timeout)


def send(served: Served, kind: str, length: str, body: bytes) -> socket.socket:
    """Send a request, or what there is of it, and return the connection."""
    path, content_type, _ = KINDS[kind]
    who = f"Cookie: {cookie(served)}" if kind == "page" else f"Authorization: Bearer {served.token}"
    head = f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n{who}\r\nContent-Type: {content_type}\r\n{length}\r\n"
    client = connected(served)
    client.sendall(head.encode() + b"\r\n" + body)
    return client


def broken(served: Served, kind: str, length: str, body: bytes) -> str:
    """Send a request whose body breaks off, and return the status that the application gave it.

    Granian drops a connection that its client has closed, so the log is asked, and not the client.
    """
    already = len(answered(served, kind))
    send(served, kind, length, body).close()
    until(lambda: len(answered(served, kind)) > already, told=served.told)
    return answered(served, kind)[-1]


def answered(served: Served, kind: str) -> list[str]:
    """Return the statuses of the requests to a path, as the log has them."""
    return re.findall(rf"POST {KINDS[kind][0]} (\d+)", served.log.read_text())


def kept(served: Served) -> int:
    return len(served.rows("SELECT FROM links UNION ALL SELECT FROM inbox"))


def test_a_body_shorter_than_its_length_is_refused(served: Served) -> None:
    before = kept(served)
    for kind, (_, _, body) in KINDS.items():
        assert broken(served, kind, f"Content-Length: {len(body) + 40}", body.encode()) == "400", kind
    assert kept(served) == before


def test_chunks_without_a_last_one_are_refused_where_half_a_body_looks_whole(served: Served) -> None:
    before = kept(served)
    for kind in ("text", "urlencoded", "untyped", "page"):
        body = KINDS[kind][2].encode()
        for end in (b"", b"\r\n"):
            chunk = b"%x\r\n%s%s" % (len(body), body, end)
            assert broken(served, kind, "Transfer-Encoding: chunked", chunk) == "411", kind
    assert kept(served) == before


def test_half_of_a_json_in_chunks_is_refused_and_a_whole_one_read(served: Served) -> None:
    before, body = kept(served), KINDS["native"][2].encode()
    for part in (b"%x\r\n%s" % (len(body), body[:-1]), b"%x\r\n%s" % (len(body) - 1, body[:-1])):
        assert broken(served, "native", "Transfer-Encoding: chunked", part) == "400"
    assert kept(served) == before
    whole = b"%x\r\n%s\r\n0\r\n\r\n" % (len(body), body)
    with send(served, "native", "Transfer-Encoding: chunked", whole) as client:
        assert client.recv(65536).startswith(b"HTTP/1.1 201")
    assert '"level":"error"' not in served.log.read_text()


@pytest.mark.parametrize(
    ("path", "token", "length", "status"),
    [
        ("/api/v1/links", "", 4_000_000, 401),
        ("/api/v1/links", "yes", 5_000_000, 413),
        ("/links", "", 3_000_000, 401),
        ("/nothing", "yes", 4_000_000, 404),
        ("/login", "", 5_000_000, 413),
    ],
)
def test_who_is_refused_in_the_midst_of_sending_reads_why(
    served: Served, path: str, token: str, length: int, status: int
) -> None:
    """The answer comes at once, and the connection does not break under what is still on its way."""
    who = f"Authorization: Bearer {served.token}\r\n" if token else ""
    kind = "application/x-www-form-urlencoded" if path == "/login" else "application/json"
    head = f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: {kind}\r\n{who}"
    with connected(served) as client:
        client.sendall(f"{head}Content-Length: {length}\r\n\r\n".encode())
        answer = HTTPResponse(client)
        answer.begin()
        assert answer.status == status
        answer.read()
        client.sendall(b" " * length)
        client.sendall(b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
        assert client.recv(100).startswith(b"HTTP/1.1 200")


def test_a_connection_whose_client_is_gone_is_ended_by_the_kernel(served: Served) -> None:
    """No client can be gone on one machine: that the kernel would ask it is what can be seen."""
    with connected(served) as client:
        here, there = (f":{port:04X}" for port in (served.port, client.getsockname()[1]))
        lines = Path("/proc/net/tcp").read_text().splitlines()
        [found] = [line.split() for line in lines if here in line.split()[1] and there in line.split()[2]]
        assert found[5].startswith("02:"), "proc(5): the timer that runs is the one of keepalive"


def test_clients_that_stop_in_the_midst_do_not_stop_the_others_for_long(served: Served) -> None:
    """More of them than there are threads in all processes."""
    with ExitStack() as halves:
        for _ in range(64):
            half = halves.enter_context(connected(served))
            half.sendall(
                b"POST /login HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 100\r\n"
                b"Content-Type: application/x-www-form-urlencoded\r\n\r\nname="
            )

        def is_answered() -> bool:
            with suppress(OSError), connected(served, timeout=2) as client:
                client.sendall(b"GET /readyz HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
                return client.recv(100).startswith(b"HTTP/1.1 200")
            return False

        until(lambda: not is_answered(), told=served.told)
        until(is_answered, told=served.told)
        until(lambda: "waited 20 seconds for more of a body" in served.log.read_text(), told=served.told)
        until(is_answered, told=served.told)
