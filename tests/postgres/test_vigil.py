"""A wait is as long as there is progress, and is spoken of."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from linkhold import clock
from linkhold.errors import ServerStuck
from linkhold.postgres import vigil
from linkhold.postgres.journal import Journal
from linkhold.postgres.vigil import Vigil

pytestmark = pytest.mark.embedded

REDO = "2026-01-01 00:00:00 UTC [7] LOG:  redo in progress, elapsed time: 10.00 s, current LSN: 0/2A3B4C5D"


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vigil, "SPEAK_AFTER", 0.05)
    monkeypatch.setattr(vigil, "_LOOK_EVERY", 0.02)


def wait_for(watch: Vigil, seconds: float) -> None:
    end = clock.monotonic() + seconds
    while clock.monotonic() < end:
        watch.wait(None, "is starting")


def wait_until_said(watch: Vigil, said: list[str]) -> None:
    while not said:
        watch.wait(None, "is starting")


def test_no_progress_ends_the_wait(tmp_path: Path, said: list[str]) -> None:
    watch = Vigil(Journal(tmp_path), said.append, patience=0.2)
    with pytest.raises(ServerStuck, match="PostgreSQL is starting, and has made no progress"):
        wait_for(watch, 60)


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
    wait_until_said(watch, said)
    assert said[0].startswith("PostgreSQL is starting; ")
    said.clear()
    watch = Vigil(Journal(tmp_path), said.append)
    with log.open("a") as file:
        file.write("LOG:  database system was not properly shut down; automatic recovery in progress\n")
    wait_until_said(watch, said)
    assert said[0].startswith("PostgreSQL is recovering after a crash; ")
