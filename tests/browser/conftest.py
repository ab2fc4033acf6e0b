"""A real browser, and a Linkhold for it as a stranger would start it."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Playwright, sync_playwright

import needs

COMMAND = Path(sys.executable).parent / "linkhold"
# A browser trusts 127.0.0.1 as it trusts https; a phone comes by a name of the house, which it does not
# trust, and then says less about where a form comes from. Both have to work.
AT_HOME = "linkhold.lan"
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--no-first-run",
    f"--host-resolver-rules=MAP {AT_HOME} 127.0.0.1",
]


@pytest.fixture
def setup_url(tmp_path: Path) -> Iterator[str]:
    """Start Linkhold as a stranger would, and return the one-time address that it prints."""
    environment = {**os.environ, "LINKHOLD_DATA_DIR": str(tmp_path / "data"), "LINKHOLD_PORT": "0"}
    with (tmp_path / "log").open("w") as log:
        server = subprocess.Popen(
            [COMMAND, "serve"], stdout=subprocess.PIPE, stderr=log, text=True, env=environment
        )
    assert server.stdout is not None
    try:
        found = next(filter(None, (re.search(r"http\S+/setup\S+", line) for line in server.stdout)))
        yield found[0]
    finally:
        server.terminate()
        server.wait(20)
        server.stdout.close()


@pytest.fixture(scope="module")
def playwright() -> Iterator[Playwright]:
    with sync_playwright() as playwright:
        yield playwright


@pytest.fixture(scope="module")
def chromium(playwright: Playwright) -> Iterator[Browser]:
    browser = playwright.chromium.launch(executable_path=needs.program("chromium"), args=FLAGS)
    yield browser
    browser.close()
