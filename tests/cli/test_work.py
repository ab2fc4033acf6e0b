"""`linkhold work`: what a service manager hears of it."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from linkhold import cli, clock, upkeep
from linkhold.cli import supervision
from linkhold.cli.supervision import Lives
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


def work(
    monkeypatch: pytest.MonkeyPatch, database: str, round_: Callable[[Callable[[], None]], None]
) -> None:
    """Run the command for one round, which is `round_`, and stop it."""
    monkeypatch.setenv("LINKHOLD_DATABASE_URL", database)
    if POOLED:
        monkeypatch.setenv("LINKHOLD_DATABASE_POOLER", "transaction")
    # The suite's server does not write to disk, for speed; a command would refuse it.
    monkeypatch.setattr("linkhold.db.engine.check", lambda _: None)

    def attempt(_: object, *, moved: Callable[[], None]) -> None:
        round_(moved)
        os.kill(os.getpid(), signal.SIGTERM)

    monkeypatch.setattr(upkeep, "attempt", attempt)
    assert CliRunner().invoke(cli.command, ["work"]).exit_code == 0


@pytest.mark.usefixtures("signals")
def test_the_watchdog_hears_of_it_while_a_round_takes_long(
    make_database: Callable[[], str], heard: socket.socket, monkeypatch: pytest.MonkeyPatch
) -> None:
    said: list[str] = []

    def move_on(moved: Callable[[], None]) -> None:
        heard.settimeout(0.05)
        while said.count("WATCHDOG=1") < 3:
            moved()
            with contextlib.suppress(TimeoutError):
                said.append(heard.recv(4096).decode())

    work(monkeypatch, make_database(), move_on)
    assert heard.recv(4096).decode() in ("WATCHDOG=1", "STOPPING=1")


@pytest.mark.usefixtures("signals")
def test_a_round_that_is_stuck_gives_no_sign_of_life(
    make_database: Callable[[], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[Lives] = []
    monkeypatch.setattr(supervision, "watch", asked.append)

    def be_stuck_and_go_on(moved: Callable[[], None]) -> None:
        clock.sleep(0.2)
        assert not asked[0](within=0.1)
        moved()
        assert asked[0](within=30)

    work(monkeypatch, make_database(), be_stuck_and_go_on)
    clock.sleep(0.2)
    assert asked[0](within=0.1), "nothing is to be done between the rounds"
