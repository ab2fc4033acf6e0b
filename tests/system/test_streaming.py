"""`GET /links` of a long library: streamed in even memory, and never ended early as if it were whole."""

from __future__ import annotations

import contextlib
import http.client
import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import psutil
import pytest

from patience import until
from system.prepared import Prepared
from system.served import Served

MANY = 200_000
LINES = {"Accept": "application/x-ndjson"}


def fill(served: Served, count: int) -> None:
    """Put links into ada's library, as they would be after so many saves."""
    with served.database() as connection:
        connection.execute(
            """
            INSERT INTO links (owner_id, url, identity, identity_hash, identity_version, title, description,
                               notes, tags, unread, archived, shared, created_at, changed_at, version,
                               title_key, resembles, search)
            SELECT 1, url, url, sha256(url::bytea), 1, '', '', '', '{}', false, false, false, now(), now(),
                   1, '', 0, '@1'::tsvector
            FROM (SELECT 'https://example.com/' || repeat('x', 100) || n AS url
                  FROM generate_series(1, %s) AS n) AS made
            """,
            [count],
        )
        connection.execute("ANALYZE links")


def web_memory(served: Served) -> int:
    return sum(worker.memory_info().rss for worker in served.workers())


def highest(served: Served, work: Callable[[], object]) -> int:
    """Return the most memory of the web process, in bytes, while something is done."""
    seen = [web_memory(served)]
    done = threading.Event()

    def watch() -> None:
        while not done.wait(0.005):
            seen.append(web_memory(served))

    watcher = threading.Thread(target=watch)
    watcher.start()
    work()
    done.set()
    watcher.join()
    return max(seen)


def busy(served: Served) -> int:
    """Return how many connections of the web process do something in the database."""
    with served.database("postgres") as admin:
        row = admin.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE usename = 'linkhold' AND state <> 'idle'"
        ).fetchone()
    assert row is not None
    return int(row[0])


@pytest.fixture(scope="module")
def filled(prepared: Prepared, tmp_path_factory: pytest.TempPathFactory) -> Prepared:
    """A data directory with a long library."""
    with closing(Served(tmp_path_factory.mktemp("filled"))) as served:
        prepared.hand_to(served)
        served.start()
        fill(served, MANY)
        served.stop()
    return Prepared(served.root, served.token)


@pytest.fixture
def full(filled: Prepared, tmp_path: Path) -> Iterator[Served]:
    """Return a server of a long library, whose web process has yet to read it."""
    # One, whose memory can be told: a second may still be loading.
    with closing(Served(tmp_path, environment={"LINKHOLD_WORKERS": "1"})) as served:
        filled.hand_to(served)
        served.start()
        yield served


def test_memory_does_not_grow_with_the_list(full: Served) -> None:
    full.request("GET", "/api/v1/links?limit=1000")
    before = web_memory(full)
    size = 0

    def read() -> None:
        nonlocal size
        status, body, _ = full.request("GET", "/links")
        assert status == 200
        assert len(json.loads(body)) == MANY
        size = len(body)

    grown = highest(full, read) - before
    assert size > 20_000_000
    assert grown < size / 2, f"{grown} bytes more for a list of {size}"


def test_a_slow_reader_holds_neither_memory_nor_a_connection(full: Served) -> None:
    before = web_memory(full)
    with socket.create_connection(("127.0.0.1", full.port)) as reader:
        reader.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        head = f"GET /links HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {full.token}\r\n\r\n"
        reader.sendall(head.encode())
        for _ in range(20):
            assert reader.recv(2048)
            time.sleep(0.1)
        assert web_memory(full) - before < 15_000_000
        until(lambda: busy(full) == 0)
    assert full.request("GET", "/readyz")[0] == 200


def test_memory_does_not_grow_with_a_stream_of_links(full: Served) -> None:
    full.request("GET", "/api/v1/links?limit=1000")
    before = web_memory(full)
    size = count = 0

    def read() -> None:
        nonlocal size, count
        connection = full.connect()
        connection.request("GET", "/api/v1/links", headers=full.headers() | LINES)
        answer = connection.getresponse()
        while piece := answer.read(2**16):
            size += len(piece)
            count += piece.count(b"\n")
        connection.close()

    grown = highest(full, read) - before
    assert count == MANY
    assert size > 60_000_000
    assert grown < size / 4, f"{grown} bytes more for a stream of {size}"


def test_who_breaks_off_a_stream_leaves_nothing_behind(full: Served) -> None:
    """Neither a connection to the database nor a thread: more break off than there are threads."""
    full.request("GET", "/api/v1/links?limit=1000")
    before = web_memory(full)
    head = f"GET /api/v1/links HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {full.token}\r\n"
    for _ in range(20):
        with socket.create_connection(("127.0.0.1", full.port)) as reader:
            reader.sendall(f"{head}Accept: {LINES['Accept']}\r\n\r\n".encode())
            assert reader.recv(2048).startswith(b"HTTP/1.1 200")
    until(lambda: busy(full) == 0)
    assert full.request("GET", "/api/v1/links?limit=1")[0] == 200
    assert web_memory(full) - before < 40_000_000
    assert "Traceback" not in full.log.read_text()


def test_a_list_that_breaks_in_the_middle_does_not_look_whole(full: Served) -> None:
    connection = full.connect()
    connection.request("GET", "/links", headers=full.headers())
    answer = connection.getresponse()
    assert answer.read(1000)
    postmaster = full.postmaster()
    assert postmaster is not None
    for process in [*postmaster.children(), postmaster]:
        try:
            process.kill()
        except psutil.NoSuchProcess:
            continue
    try:
        rest = answer.read()
    except http.client.HTTPException:
        rest = b""
    connection.close()
    assert not rest.endswith(b"]")
    full.wait_ready()
    assert full.request("GET", "/links")[1].endswith(b"]")


@pytest.mark.parametrize("chunked", [True, False])
def test_a_body_over_the_limit_is_413_however_it_is_sent(served: Served, chunked: bool) -> None:
    body = b'{"url": "https://example.com/", "notes": "' + b"x" * 6_000_000 + b'"}'
    data = iter([body[:3_000_000], body[3_000_000:]]) if chunked else body
    with closing(served.connect()) as connection:
        with contextlib.suppress(ConnectionError):  # the answer may come before all is sent
            connection.request("POST", "/api/v1/links", data, served.headers(), encode_chunked=chunked)
        try:
            answer = connection.getresponse()
        except ConnectionResetError as error:
            if chunked or isinstance(error, http.client.RemoteDisconnected):
                raise
            return  # what was not read took the answer with it, as it may
        told = answer.read()
    assert answer.status == 413, told
    assert b"LINKHOLD_MAX_BODY_SIZE" in told


NO_REQUESTS = [
    b"GET / HTTP/1.1\r\n\r\n",
    b"\x00\x01\x02\r\n\r\n",
    b"GET /\x00 HTTP/1.1\r\nHost: x\r\n\r\n",
    b"GET /%00%ff%fe HTTP/1.1\r\nHost: x\r\n\r\n",
    b"GET /links HTTP/1.1\r\nHost: x\r\nAuthorization: Basic \xff\xfe\r\n\r\n",
    b"GET /" + b"a" * 100_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: x\r\nX: " + b"a" * 600_000 + b"\r\n\r\n",
    b"POST /links HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
    b"POST /links HTTP/1.1\r\nHost: x\r\nContent-Length: -5\r\n\r\n",
    b"POST /links HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello",
]


def test_what_is_no_request_takes_nothing_down(served: Served) -> None:
    for raw in NO_REQUESTS:
        with socket.create_connection(("127.0.0.1", served.port), timeout=5) as client:
            try:
                client.sendall(raw)
                client.shutdown(socket.SHUT_WR)
                answer = client.recv(65536)
            except OSError:
                answer = b""
        assert not answer.startswith(b"HTTP/1.1 5"), (raw[:80], answer[:200])
        assert served.request("GET", "/readyz")[0] == 200
