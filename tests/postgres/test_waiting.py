"""A wait is as long as there is progress, and is spoken of."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from linkhold import clock
from linkhold.errors import ServerStuck
from linkhold.postgres import locks, vigil
from linkhold.postgres.journal import Journal
from linkhold.postgres.vigil import Vigil

REDO = "2026-01-01 00:00:00 UTC [7] LOG:  redo in progress, elapsed time: 10.00 s, current LSN: 0/2A3B4C5D"


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vigil, "SPEAK_AFTER", 0.05)
    monkeypatch.setattr(vigil, "_LOOK_EVERY", 0.02)


def wait_for(watch: Vigil, seconds: float) -> None:
    end = clock.monotonic() + seconds
    while clock.monotonic() < end:
        watch.wait(None, "is starting")


def test_no_progress_ends_the_wait(tmp_path: Path, said: list[str]) -> None:
    watch = Vigil(Journal(tmp_path), said.append, patience=0.2)
    with pytest.raises(ServerStuck, match="PostgreSQL is starting, and has made no progress"):
        wait_for(watch, 5)


def test_a_log_that_grows_is_progress(tmp_path: Path, said: list[str]) -> None:
    watch = Vigil(Journal(tmp_path), said.append, patience=0.2)
    with (tmp_path / "postgresql-Mon.log").open("w") as log:
        for _ in range(10):
            print(REDO, file=log, flush=True)
            wait_for(watch, 0.06)
    assert said[0] == (
        "PostgreSQL is recovering after a crash: "
        "redo in progress, elapsed time: 10.00 s, current LSN: 0/2A3B4C5D"
    )


def test_work_of_the_process_is_progress() -> None:
    before = vigil.work_done(os.getpid())
    sum(number * number for number in range(2_000_000))
    assert vigil.work_done(os.getpid()) > before


def test_recovery_is_named_before_it_reports_progress(tmp_path: Path, said: list[str]) -> None:
    log = tmp_path / "postgresql-Mon.log"
    log.write_text("LOG:  database system was not properly shut down, of last week\n")
    watch = Vigil(Journal(tmp_path), said.append)
    wait_for(watch, 0.1)
    assert said[0].startswith("PostgreSQL is starting; ")
    said.clear()
    watch = Vigil(Journal(tmp_path), said.append)
    with log.open("a") as file:
        file.write("LOG:  database system was not properly shut down; automatic recovery in progress\n")
    wait_for(watch, 0.1)
    assert said[0].startswith("PostgreSQL is recovering after a crash; ")


def test_a_wait_for_another_process_is_spoken_of(
    tmp_path: Path, said: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(locks, "_SPEAK_AFTER", 0.1)
    entered = threading.Event()

    def hold() -> None:
        with locks.exclusive(tmp_path / "lock", print):
            entered.set()
            clock.sleep(0.3)

    holder = threading.Thread(target=hold)
    holder.start()
    entered.wait()
    with locks.exclusive(tmp_path / "lock", said.append):
        pass
    holder.join()
    assert said == ["Waiting for another linkhold process that is starting or stopping PostgreSQL."]


def test_a_wait_can_have_an_end(tmp_path: Path) -> None:
    with (
        locks.exclusive(tmp_path / "lock", print),
        pytest.raises(locks.Busy),
        locks.exclusive(tmp_path / "lock", print, seconds=0.05),
    ):
        pass


def test_logs_of_last_week_are_removed(tmp_path: Path, make_old: Callable[[Path], Path]) -> None:
    old, new = make_old(tmp_path / "postgresql-Mon.log"), tmp_path / "postgresql-Tue.log"
    new.write_text("x")
    Journal(tmp_path).prune()
    assert not old.exists()
    assert new.exists()


@pytest.fixture
def make_old() -> Callable[[Path], Path]:
    def make(path: Path) -> Path:
        path.write_text("x")
        then = clock.now().timestamp() - 8 * 86400
        os.utime(path, (then, then))
        return path

    return make
