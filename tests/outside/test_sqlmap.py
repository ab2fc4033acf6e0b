"""sqlmap against a live server; and against one with the hole, where it has to find it."""

from __future__ import annotations

import json
import re
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from patience import until
from system.served import BIN, Served, free_port


def sqlmap(tmp_path: Path, *arguments: str) -> str:
    """Run sqlmap without questions, on the loopback alone, and return what it says."""
    done = subprocess.run(
        [
            BIN / "sqlmap",
            *arguments,
            *("--batch", "--disable-coloring", "--flush-session"),
            *("--output-dir", str(tmp_path / "sqlmap"), "--dbms", "PostgreSQL"),
            *("--level", "2", "--risk", "1", "--technique", "BEUS", "--threads", "4", "--timeout", "10"),
        ],
        capture_output=True,
        text=True,
        check=False,
        timeout=600,
    )
    return done.stdout + done.stderr


@pytest.fixture
def vulnerable(served: Served, tmp_path: Path) -> Iterator[str]:
    """Return the address of the application with the hole, on the same database."""
    for number in range(3):
        served.request("POST", "/links", {"url": f"https://example.com/{number}"})
    port = free_port()
    dsn = f"host={served.cluster}/socket user=linkhold dbname=linkhold"
    with (tmp_path / "vulnerable.log").open("wb") as log:
        process = subprocess.Popen(
            [
                BIN / "gunicorn",
                "--no-control-socket",
                "--bind",
                f"127.0.0.1:{port}",
                "outside.vulnerable:app",
            ],
            env=served.env() | {"VULNERABLE_DSN": dsn},
            stdout=log,
            stderr=log,
        )
    until(lambda: answers(port), told=(tmp_path / "vulnerable.log").read_text)
    yield f"http://127.0.0.1:{port}/api/v1/links?limit=2"
    process.terminate()
    process.wait(90)


def answers(port: int) -> bool:
    """Tell whether a server listens there."""
    with socket.socket() as asking:
        return asking.connect_ex(("127.0.0.1", port)) == 0


def test_sqlmap_finds_the_hole_where_there_is_one(vulnerable: str, tmp_path: Path) -> None:
    told = sqlmap(tmp_path, "-u", vulnerable, "-p", "limit")
    assert "sqlmap identified the following injection point" in told, told[-3000:]


LIST = "/api/v1/links?q=example+-is:archived&sort=added&fields=id,url&highlight=true&limit=2"


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/api/v1/links", {"url": "https://example.com/1", "title": "a", "tags": ["b"]}),
        ("/links", {"url": "https://example.com/1"}),
        (LIST, None),
        ("/api/v1/links/1", None),
    ],
    ids=["save", "tutorial", "list", "get"],
)
def test_sqlmap_finds_nothing_here(
    served: Served, tmp_path: Path, path: str, body: dict[str, object] | None
) -> None:
    for number in range(1, 4):
        served.request("POST", "/links", {"url": f"https://example.com/{number}"})
    if path == LIST:
        path = f"{path}&cursor={json.loads(served.request('GET', path)[1])['next']}"
    # What is refused as it stands would be refused with whatever is put into it.
    status, answer, _ = served.request("GET" if body is None else "POST", path, body)
    assert status == 200, answer
    data = [] if body is None else ["--data", json.dumps(body)]
    headers = f"Authorization: Bearer {served.token}\\nContent-Type: application/json"
    told = sqlmap(
        tmp_path,
        *("-u", f"{served.url}{path}{'' if '?' in path or body else '*'}", *data),
        *("--headers", headers, "--ignore-code", "400,404,422", "--skip", "user-agent,referer,host"),
    )
    assert "all tested parameters do not appear to be injectable" in told, told[-3000:]
    assert "sqlmap identified the following injection point" not in told
    for name in re.findall(r"[?&](\w+)=", path):
        assert f"GET parameter '{name}' does not seem to be injectable" in told, name
    assert '"level":"error"' not in served.log.read_text()
