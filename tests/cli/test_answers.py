"""What a server answers that is not as it should be: told in a sentence, and never a traceback."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from cli.conftest import Run
from linkhold.cli import client
from linkhold.cli.client import Client

Answering = Callable[[bytes], None]
STREAM = b"HTTP/1.1 200 OK\r\nContent-Type: application/x-ndjson\r\n"
CHUNKED = STREAM + b"Transfer-Encoding: chunked\r\n\r\n"


@pytest.fixture
def answering(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Answering]:
    """Connect the command to a server that answers the next request with these bytes, and hangs up."""
    monkeypatch.setattr(client, "place", lambda: tmp_path / "linkhold" / "server.json")
    listener = socket.create_server(("127.0.0.1", 0))
    threads = []

    def serve(answer: bytes) -> None:
        connection, _ = listener.accept()
        with connection:
            connection.recv(65536)
            connection.sendall(answer)

    def answering(answer: bytes) -> None:
        threads.append(threading.Thread(target=serve, args=(answer,), daemon=True))
        threads[-1].start()

    Client(f"http://127.0.0.1:{listener.getsockname()[1]}", "x").keep()
    yield answering
    for thread in threads:
        thread.join(5)
    listener.close()


def test_a_stream_that_breaks_off_is_said_to(call: Run, answering: Answering) -> None:
    answering(CHUNKED + b'b\r\n{"id": 1}\n{\r\n')
    status, out, err = call("find")
    assert (status, out) == (1, '{"id": 1}\n')
    assert err == f"linkhold: {client.ENDED_EARLY}\n"


def test_half_a_line_is_no_link(call: Run, answering: Answering) -> None:
    answering(STREAM + b'\r\n{"id": 1}\n{"id": 2')
    status, out, err = call("find")
    assert (status, out, err) == (1, '{"id": 1}\n', f"linkhold: {client.ENDED_EARLY}\n")


def test_a_last_line_without_an_end_is_a_link_all_the_same(call: Run, answering: Answering) -> None:
    answering(STREAM + b'\r\n{"id": 1}\n{"id": 2}')
    assert call("find") == (0, '{"id": 1}\n{"id": 2}\n', "")


@pytest.mark.parametrize("remarks", [b"nonsense", b"5", b"[1"])
def test_remarks_that_cannot_be_read_are_none(call: Run, answering: Answering, remarks: bytes) -> None:
    answering(STREAM + b"Linkhold-Remarks: " + remarks + b"\r\n\r\n")
    assert call("find") == (0, "", "")


@pytest.mark.parametrize("body", [b"<html>Welcome</html>", b"[]", b'"yes"', b"{"])
@pytest.mark.parametrize("command", [("show", "1"), ("find",), ("history",)])
def test_another_kind_of_server_is_told_from_ours(
    call: Run, answering: Answering, command: tuple[str, ...], body: bytes
) -> None:
    answering(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body) + body)
    status, out, err = call(*command)
    assert (status, out) == (1, "")
    assert err == "linkhold: The server answered 200, and not as Linkhold does: is the address right?\n"


@pytest.mark.parametrize("content", ["[]", "{}", '{"url": 1, "token": "x"}', '{"url": "x"}', "null", "5"])
def test_a_file_that_holds_something_else_is_said_to(call: Run, content: str) -> None:
    Client("x", "y").keep().write_text(content)
    status, _, err = call("find")
    assert status == 1
    assert err == f"linkhold: {client.place()} holds no address and token: linkhold login writes it anew.\n"
