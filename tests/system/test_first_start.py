"""The first start: what it prints leads to an account, and from there to a saved link, by pasting alone."""

from __future__ import annotations

import os
import pty
import re
import subprocess
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
import urllib3

import needs
import owned
from linkhold.cli import greeting
from patience import until
from system.served import LINKHOLD, PASSWORD

ROOT = Path(__file__).parent.parent.parent
NAME = "ada+links@home"


@pytest.fixture
def printed(tmp_path: Path) -> Iterator[str]:
    """Start it as `make run` does, on a port of its own choice, and return what it prints."""
    out = tmp_path / "printed"
    environment = os.environ | {"LINKHOLD_DATA_DIR": str(tmp_path / "data"), "LINKHOLD_PORT": "0"}
    with owned.told(tmp_path) as told, out.open("wb") as file:
        process = subprocess.Popen([LINKHOLD, "serve"], env=environment | told, stdout=file)
        until(lambda: "curl" in out.read_text() or process.poll() is not None)
        yield out.read_text()
        process.terminate()
        assert process.wait(30) == 0


def pasted(line: str, answers: list[str]) -> str:
    """Run a line in a terminal, answer what it asks, and return what the terminal shows."""
    ours, theirs = pty.openpty()
    command = [needs.program("setsid", "util-linux"), "--ctty", "sh", "-c", line]
    with subprocess.Popen(command, stdin=theirs, stdout=theirs, stderr=theirs):
        os.close(theirs)
        shown = ""
        # Linux ends the reading of a terminal that nobody has any more by an error.
        with suppress(OSError):
            while piece := os.read(ours, 4096):
                shown += piece.decode()
                if answers and shown.rstrip().endswith(":"):
                    os.write(ours, f"{answers.pop(0)}\n".encode())
    os.close(ours)
    return shown


def test_make_run_starts_the_server() -> None:
    command = [needs.program("make"), "--dry-run", "run"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1].endswith("/linkhold serve")


def test_what_the_first_start_prints_leads_to_a_saved_link(printed: str) -> None:
    needs.program("curl")
    [here] = re.findall(r"^Linkhold is at (http://127\.0\.0\.1:[1-9]\d*)/$", printed, re.MULTILINE)
    [setup] = re.findall(r"^  (http\S+/setup\?code=\S+)$", printed, re.MULTILINE)
    [line] = re.findall(r"^  (.*curl .*)$", printed, re.MULTILINE)
    assert setup.startswith(here)
    assert urllib3.request("GET", setup).status == 200
    code = setup.partition("code=")[2]
    form = {"name": NAME, "password": PASSWORD, "code": code}
    made = urllib3.request("POST", setup, fields=form, redirect=False)
    assert made.status in {200, 303}, made.data
    shown = pasted(line, [NAME, PASSWORD])
    assert '["https://example.com/"]' in shown, shown
    assert urllib3.request("GET", setup).status >= 400


def test_the_line_of_a_later_start_names_the_account_and_nothing_that_a_shell_would_run() -> None:
    assert greeting.curl("ada", "http://127.0.0.1:1").startswith("curl -u ada -H ")
    assert greeting.curl("$(reboot)", "").startswith("curl -u '$(reboot)' ")
