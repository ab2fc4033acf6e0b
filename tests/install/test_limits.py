"""What nginx keeps away from it, says in its place, and lets through unhindered."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
import threading
import time

import pytest

import needs
from install.conftest import Server


def is_guarded(headers: dict[str, str]) -> bool:
    """Tell whether an answer of nginx's own has the headers that every answer has, each once."""
    policy = headers["content-security-policy"]
    return (
        headers["x-content-type-options"] == "nosniff"
        and policy.startswith("default-src 'none'")
        and policy.count("default-src") == 1
        and headers["strict-transport-security"].startswith("max-age=")
    )


def test_people_and_programs_are_told_when_it_is_away(server: Server) -> None:
    server.machine.command("systemctl stop linkhold.service linkhold.socket")
    try:
        status, body, headers = server.request("GET", "/")
        assert status == 503
        assert b"Back in a moment" in body
        assert b'http-equiv="refresh"' in body
        assert headers["content-type"].startswith("text/html")
        assert is_guarded(headers)
        assert (headers["retry-after"], headers["cache-control"]) == ("5", "no-store")
        status, body, headers = server.request("POST", "/login", headers={})
        assert (status, b"Not sent yet" in body, b"http-equiv" in body) == (503, True, False)
        assert is_guarded(headers)
        status, body, headers = server.request("GET", "/api/v1/links")
        assert is_guarded(headers)
        assert (status, json.loads(body)["status"], headers["retry-after"]) == (503, 503, "5")
        assert headers["content-type"] == "application/problem+json"
    finally:
        server.machine.command("systemctl start linkhold.socket linkhold.service linkhold-worker.service")


def test_a_body_that_is_too_large_is_refused_and_a_long_address_is_not(server: Server) -> None:
    status, body, headers = server.request("POST", "/api/v1/links", {"url": "x" * 6_000_000})
    assert (status, headers["content-type"]) == (413, "application/problem+json")
    assert json.loads(body)["type"] == "urn:linkhold:problem:request-entity-too-large"
    assert is_guarded(headers)
    assert "retry-after" not in headers
    status, body, headers = server.request("POST", "/login", {"url": "x" * 6_000_000})
    assert (status, b"This was refused" in body) == (413, True)
    assert is_guarded(headers)
    assert is_guarded(server.request("GET", "/api/v1/links")[2]), "Linkhold's own answers have them once too"
    url = "https://example.com/" + "a" * 8000
    assert server.request("POST", "/api/v1/links", {"url": url})[0] == 201


def test_what_linkhold_refuses_of_large_bodies_is_told_as_linkhold_says_it(server: Server) -> None:
    """Its answer comes while nginx still hands the body on."""
    for _ in range(20):
        status, body, _ = server.request("POST", "/api/v1/links", {"url": "x" * 4_000_000}, headers={})
        assert (status, json.loads(body)["title"]) == (401, "Not authenticated")
        status, body, _ = server.request("POST", "/api/v1/links", {"url": "x" * 5_000_000})
        assert (status, "LINKHOLD_MAX_BODY_SIZE" in json.loads(body)["detail"]) == (413, True)


@pytest.mark.parametrize("path", ["/login", "/pair"])
def test_guessing_at_a_door_is_slowed(server: Server, path: str) -> None:
    form = {"Content-Type": "application/x-www-form-urlencoded", "Sec-Fetch-Site": "same-origin"}
    # Each from an address of its own: what one guessed before, its next test is not to pay for.
    source = {"/login": "127.0.0.3", "/pair": "127.0.0.4"}[path]
    answers = [server.request("POST", path, {}, form, source=source) for _ in range(40)]
    refused = [(body, headers) for status, body, headers in answers if status == 429]
    assert len(refused) >= 10
    assert all(is_guarded(headers) for _, headers in refused)
    # Linkhold itself refuses some of them, and tells of a longer time.
    assert {headers["retry-after"] for body, headers in refused if b"This was refused" in body} == {"2"}


def test_guessing_tokens_is_slowed_and_a_client_of_many_requests_is_not_refused(server: Server) -> None:
    """Each connection has all its requests on the way at once, so that no client is what slows them."""
    asked = b"GET /api/v1/links HTTP/1.1\r\nHost: links.example\r\nAuthorization: Bearer lh_1_guessed\r\n\r\n"
    each, statuses, told = 100, list[bytes](), list[bytes]()

    def ask() -> None:
        connection = server.connection()
        connection.connect()
        connection.sock.sendall(asked * each)
        answered = b""
        # Each begins where the body before it ends, in the midst of a line.
        while len(found := re.findall(rb"HTTP/1\.1 (\d+) ", answered)) < each:
            answered += connection.sock.recv(65536) or pytest.fail(f"{len(found)} answers, and then the end")
        statuses.extend(found)
        told.append(answered)
        connection.close()

    guessers = [threading.Thread(target=ask) for _ in range(8)]
    began = time.monotonic()
    for guesser in guessers:
        guesser.start()
    for guesser in guessers:
        guesser.join()
    # Linkhold itself refuses who guesses wrong again and again; nginx refuses nobody here.
    assert b"401" in statuses
    assert set(statuses) <= {b"401", b"429"}
    assert not any(b"came at once" in answered for answered in told)
    assert len(statuses) == 8 * each
    assert time.monotonic() - began > len(statuses) / 330, (
        "more than the 300 a second that nginx lets through"
    )


def test_streams_are_not_held_back(server: Server) -> None:
    """The first lines come while the last are not read from the database yet."""
    fill = (
        "INSERT INTO links (owner_id, url, identity, identity_hash, identity_version, title, description,"
        " notes, tags, unread, archived, shared, created_at, changed_at, version, title_key, resembles,"
        " search)"
        " SELECT 1, url, url, sha256(url::bytea), 1, '', '', '', '{}', false, false, false, now(), now(), 1,"
        " '', 0, '@1'::tsvector FROM (SELECT 'https://example.com/stream/' || n AS url"
        " FROM generate_series(1, 20000) AS n) AS made"
    )
    server.machine.command(f"linkhold db psql -c {shlex.quote(fill)}")
    # Once is proof: if it were held back, the first would never come much before the last.
    assert any(first < whole / 3 for first, whole in (times_of_a_stream(server) for _ in range(5)))
    server.machine.command(
        "linkhold db psql -c \"DELETE FROM links WHERE url LIKE 'https://example.com/stream/%'\""
    )


def times_of_a_stream(server: Server) -> tuple[float, float]:
    """Return after how many seconds the first line of a long list was there, and after how many all were."""
    connection = server.connection()
    headers = {"Authorization": f"Bearer {server.token}", "Accept": "application/x-ndjson"}
    began = time.monotonic()
    connection.request("GET", "/api/v1/links", headers=headers)
    answer = connection.getresponse()
    assert answer.read(100)
    first = time.monotonic() - began
    assert answer.read().count(b"\n") > 20_000
    whole = time.monotonic() - began
    connection.close()
    assert answer.getheader("Transfer-Encoding") == "chunked"
    return first, whole


def test_slow_clients_do_not_stop_others(server: Server) -> None:
    attack = [needs.program("slowhttptest"), "-c", "400", "-r", "200", "-l", "60", "-i", "3", "-p", "3"]
    attacks = [
        subprocess.Popen(
            [*attack, *kind, "-u", "https://127.0.0.1/api/v1/links"],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        for kind in (["-H"], ["-B"])
    ]
    try:
        time.sleep(4)
        slowest = 0.0
        for number in range(20):
            began = time.monotonic()
            url = f"https://example.com/slow/{number}"
            assert server.request("POST", "/api/v1/links", {"url": url}, source="127.0.0.2")[0] == 201
            slowest = max(slowest, time.monotonic() - began)
        assert slowest < 45
    finally:
        for each in attacks:
            each.terminate()
            each.wait(30)
