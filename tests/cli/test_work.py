"""`linkhold work`: what a service manager hears of it."""

from __future__ import annotations

import os
import signal
import socket
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from linkhold import cli, upkeep
from pooling import POOLED


@pytest.fixture
def heard(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[socket.socket]:
    """Return the socket of a service manager that wants to hear of us once a second."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(str(tmp_path / "notify.sock"))
        manager.settimeout(10)
        monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "notify.sock"))
        monkeypatch.setenv("WATCHDOG_USEC", "1000000")
        yield manager


@pytest.fixture
def signals() -> Iterator[None]:
    """Give back the signals that the command takes for itself."""
    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.mark.usefixtures("signals")
def test_the_watchdog_hears_of_it_while_a_round_takes_long(
    make_database: Callable[[], str], heard: socket.socket, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LINKHOLD_DATABASE_URL", make_database())
    if POOLED:
        monkeypatch.setenv("LINKHOLD_DATABASE_POOLER", "transaction")
    # The suite's server does not write to disk, for speed; a command would refuse it.
    monkeypatch.setattr("linkhold.db.engine.check", lambda _: None)
    said: list[str] = []

    def attempt(_: object) -> None:
        while said.count("WATCHDOG=1") < 3:
            said.append(heard.recv(4096).decode())
        os.kill(os.getpid(), signal.SIGTERM)

    monkeypatch.setattr(upkeep, "attempt", attempt)
    done = CliRunner().invoke(cli.command, ["work"])
    assert done.exit_code == 0
    assert heard.recv(4096).decode() in ("WATCHDOG=1", "STOPPING=1")
