"""What systemd knows of this machine: whether our services run, and whether the clock is kept.

The gate to its commands. Where there is no systemd, or no unit of ours, there is nothing to look at.
"""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

from linkhold.doctor.finding import Finding, fault, ok, warning

SERVICE, WORKER = OURS = ("linkhold.service", "linkhold-worker.service")
CONTAINER = Path("/run/systemd/container")
"""There in a container, whose clock is its host's."""
SECONDS = 10
ASKED = "Id,LoadState,UnitFileState,ActiveState,SubState,MainPID,IPAddressAllow,IPAddressDeny"
MOST_FILES = re.compile(r"^Max open files +(\d+|unlimited)", re.MULTILINE)


def told(unit: str) -> dict[str, str]:
    """Return what systemd knows of a unit, by the names of its own; nothing where there is no systemd."""
    return _asked("systemctl", "show", f"--property={ASKED}", unit)


def examine() -> Iterator[Finding]:
    """Look at the services that are installed, and at the clock."""
    for unit in (SERVICE, WORKER):
        known = told(unit)
        # One that is switched off is somebody's decision, and the web processes do the worker's part too.
        if known.get("LoadState") == "loaded" and known.get("UnitFileState") != "disabled":
            yield _running(unit, known)
    yield from _clock()


def open_files_of_the_service() -> int | None:
    """Return how many files a process of the running service may open; None where none runs."""
    try:
        limits = Path("/proc", told(SERVICE).get("MainPID", "0"), "limits").read_text(encoding="ascii")
    except OSError:
        return None
    found = MOST_FILES.search(limits)
    return int(found[1]) if found and found[1].isdecimal() else None


def _running(unit: str, told: dict[str, str]) -> Finding:
    state = told.get("SubState", "")
    # One that ends again and again is "activating" too, in the pauses.
    if told.get("ActiveState") in ("active", "activating", "reloading") and state != "auto-restart":
        return ok("services", f"{unit}: {state}")
    amiss = fault if unit == SERVICE else warning
    return amiss(
        "services", f"{unit}: {state}", f"journalctl --unit {unit} says why; systemctl restart {unit}"
    )


def _clock() -> Iterator[Finding]:
    kept = _asked("timedatectl", "show", "--property=NTPSynchronized").get("NTPSynchronized")
    if kept == "yes":
        yield ok("clock", "this machine's clock is kept right")
    elif kept == "no" and not CONTAINER.exists():
        yield warning(
            "clock",
            "nothing keeps this machine's clock right",
            "timedatectl set-ntp true (package systemd-timesyncd): moments that are kept would be wrong.",
        )


def _asked(program: str, *arguments: str) -> dict[str, str]:
    """Return what a program of systemd tells as NAME=value; nothing where it is not, or does not answer."""
    where = shutil.which(program)
    if where is None:
        return {}
    try:
        done = subprocess.run(  # noqa: S603 - the program is the system's, and we say what it is asked
            [where, *arguments], capture_output=True, text=True, timeout=SECONDS, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return {}
    lines = (line.partition("=") for line in done.stdout.splitlines())
    return {name: value for name, _, value in lines}
