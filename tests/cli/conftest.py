"""The commands as they are run: in this process, against a server of its own."""

from __future__ import annotations

import io
import logging
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from werkzeug.serving import make_server

from conftest import add_account, add_token
from linkhold import cli
from linkhold.app import create_app
from linkhold.cli import client, shown
from linkhold.runtime import Runtime

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def server(own_runtime: Runtime, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Serve on a free port of the loopback; return the address."""
    # The server of these tests shares the process with the command, whose standard error is looked at.
    monkeypatch.setattr(logging.getLogger(), "handlers", [logging.NullHandler()])
    served = make_server("127.0.0.1", 0, create_app(own_runtime), threaded=True)
    thread = threading.Thread(target=served.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{served.server_port}"
    served.shutdown()
    thread.join()
    served.server_close()


@pytest.fixture
def token(own_runtime: Runtime) -> str:
    return add_token(own_runtime, add_account(own_runtime, "ada"))


@pytest.fixture
def call(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> Iterator[Run]:
    """Run the command and return status, output and errors."""
    monkeypatch.setattr(client, "place", lambda: tmp_path / "linkhold" / "server.json")

    def call(*arguments: str, text: str = "", terminal: bool = False) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["linkhold", *arguments])
        monkeypatch.setattr(sys, "stdin", io.StringIO(text))
        monkeypatch.setattr(shown, "on_terminal", lambda: terminal)
        try:
            cli.main()
            status = 0
        except SystemExit as end:
            status = int(end.code or 0)
        told = capsys.readouterr()
        return status, told.out, told.err

    yield call
    client.POOL.clear()


@pytest.fixture
def run(call: Run, server: str, token: str) -> Run:
    """The same, logged in."""
    assert call("login", server, "--token-stdin", text=token)[0] == 0
    return call
