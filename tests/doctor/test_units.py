"""What systemd knows of the services and the clock is told, and where it knows nothing, nothing is."""

from __future__ import annotations

import os
import resource
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from linkhold import config
from linkhold.doctor import machine, units

Tell = Callable[..., None]
RUNS = {"LoadState": "loaded", "UnitFileState": "enabled", "ActiveState": "active", "SubState": "running"}


@pytest.fixture
def tell(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Tell:
    """Return a function that lets systemd tell of our units, and whether the clock is kept."""
    monkeypatch.setattr(units, "CONTAINER", tmp_path / "container")

    def tell(service: dict[str, str], worker: dict[str, str], *, clock: str = "yes") -> None:
        def asked(program: str, *arguments: str) -> dict[str, str]:
            if program == "timedatectl":
                return {"NTPSynchronized": clock} if clock else {}
            return {units.SERVICE: service, units.WORKER: worker}[arguments[-1]]

        monkeypatch.setattr(units, "_asked", asked)

    return tell


def unwell() -> list[tuple[str, str]]:
    return [(each.level, each.state) for each in units.examine() if each.level != "ok"]


@pytest.mark.parametrize(
    "worker",
    [
        RUNS,
        {"LoadState": "not-found"},
        {**RUNS, "UnitFileState": "disabled", "ActiveState": "inactive"},
        {**RUNS, "ActiveState": "activating", "SubState": "start"},
    ],
)
def test_nothing_is_wrong_with_services_that_run_or_are_not_wanted(
    tell: Tell, worker: dict[str, str]
) -> None:
    tell(RUNS, worker)
    assert unwell() == []


@pytest.mark.parametrize(
    "ill",
    [
        {"ActiveState": "failed", "SubState": "failed"},
        {"ActiveState": "inactive", "SubState": "dead"},
        {"ActiveState": "activating", "SubState": "auto-restart"},
    ],
)
def test_a_service_that_does_not_run_is_found(tell: Tell, ill: dict[str, str]) -> None:
    tell(RUNS, RUNS | ill)
    assert unwell() == [("warning", f"linkhold-worker.service: {ill['SubState']}")]
    tell(RUNS | ill, RUNS)
    assert unwell() == [("fault", f"linkhold.service: {ill['SubState']}")]


def test_a_clock_that_nothing_keeps_is_found_but_in_a_container_it_is_the_hosts(tell: Tell) -> None:
    tell(RUNS, RUNS, clock="no")
    assert unwell() == [("warning", "nothing keeps this machine's clock right")]
    units.CONTAINER.touch()
    assert unwell() == []


def test_without_systemd_nothing_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shutil.which", lambda _: None)
    assert list(units.examine()) == []


def test_a_program_that_does_not_answer_tells_nothing(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    sleeper = tmp_path / "systemctl"
    sleeper.write_text("#!/bin/sh\nexec sleep 60\n")
    sleeper.chmod(0o755)
    monkeypatch.setattr("shutil.which", lambda _: str(sleeper))
    monkeypatch.setattr(units, "SECONDS", 0.2)
    assert list(units.examine()) == []


def test_the_limit_on_open_files_is_the_services_and_not_the_doctors(tell: Tell, tmp_path: Path) -> None:
    """The unit raises it; who asks from a shell has another."""
    settings = config.load({"LINKHOLD_DATA_DIR": str(tmp_path)})
    with subprocess.Popen(["/bin/sleep", "60"]) as service:
        resource.prlimit(service.pid, resource.RLIMIT_NOFILE, (100, 100))
        tell({**RUNS, "MainPID": str(service.pid)}, RUNS)
        found = [each for each in machine.examine(settings, needed=0) if each.subject == "limits"]
        service.terminate()
    assert [(each.level, each.state) for each in found] == [
        ("warning", "100 files may be open in a process of the service")
    ]
    tell({**RUNS, "MainPID": "0"}, RUNS)
    assert units.open_files_of_the_service() is None
    tell({**RUNS, "MainPID": str(os.getpid())}, RUNS)
    assert units.open_files_of_the_service() == resource.getrlimit(resource.RLIMIT_NOFILE)[0]
