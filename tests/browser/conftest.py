"""A real browser, and a Linkhold for it as a stranger would start it."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import urllib3
from playwright.sync_api import Browser, Page, Playwright, StorageState, sync_playwright

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


@contextmanager
def served(directory: Path) -> Iterator[str]:
    """Start Linkhold as a stranger would, and give the one-time address that it prints."""
    environment = {**os.environ, "LINKHOLD_DATA_DIR": str(directory / "data"), "LINKHOLD_PORT": "0"}
    with (directory / "log").open("w") as log:
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


@pytest.fixture
def setup_url(tmp_path: Path) -> Iterator[str]:
    with served(tmp_path) as url:
        yield url


@pytest.fixture(scope="module")
def playwright() -> Iterator[Playwright]:
    with sync_playwright() as playwright:
        yield playwright


@pytest.fixture(scope="module")
def chromium(playwright: Playwright) -> Iterator[Browser]:
    browser = playwright.chromium.launch(executable_path=needs.program("chromium"), args=FLAGS)
    yield browser
    browser.close()


LINKS = 70


@dataclass(frozen=True)
class Home:
    """A Linkhold that runs, with an account that a browser is logged in to."""

    url: str
    token: str
    state: StorageState

    def save(self, url: str, **fields: object) -> int:
        """Save a link as a program does, and return its id."""
        return int(self.call("POST", "/links", {"url": url, **fields})["id"])

    def fill(self) -> None:
        """Make the library anew: links that are numbered, the last the newest."""
        self.call("POST", "/links/bulk", {"action": "trash", "q": ""})
        self.call("DELETE", "/trash")
        for number in range(1, LINKS + 1):
            self.save(f"https://example.com/{number}", title=f"Number {number}.", tags=["numbers"])

    def call(self, method: str, path: str, body: object = None) -> dict[str, Any]:
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}
        answer = urllib3.request(
            method, f"{self.url}/api/v1{path}", body=json.dumps(body).encode(), headers=headers
        )
        assert answer.status < 300, answer.data
        found: dict[str, Any] = answer.json()
        return found


@pytest.fixture(scope="module")
def house(chromium: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Home]:
    """Make the account of the one who lives here."""
    with served(tmp_path_factory.mktemp("house")) as setup_url:
        context = chromium.new_context()
        page = context.new_page()
        page.goto(setup_url)
        page.get_by_label("Name").fill("ada")
        page.get_by_label("Password").fill("correct horse battery")
        page.get_by_role("button", name="Create account").click()
        page.locator(".empty").wait_for()
        page.goto(setup_url.partition("/setup")[0] + "/account")
        page.get_by_text("A new token").click()
        page.get_by_label("Name, such as that of the program").fill("the tests")
        page.get_by_role("button", name="Make the token").click()
        token = page.locator(".token").inner_text().strip()
        state = context.storage_state()
        context.close()
        yield Home(setup_url.partition("/setup")[0], token, state)


@pytest.fixture
def home(house: Home) -> Home:
    house.fill()
    return house


@pytest.fixture
def open_page(chromium: Browser, home: Home) -> Iterator[Callable[..., Page]]:
    """Return a function that opens the library; whatever a page complains of fails the test."""
    complaints: list[str] = []
    contexts = []

    def opened(**options: object) -> Page:
        desktop = {"viewport": {"width": 1440, "height": 900}}
        context = chromium.new_context(storage_state=home.state, **{**desktop, **options})  # type: ignore[arg-type]
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("dialog", lambda dialog: complaints.append(f"dialog: {dialog.message}"))
        page.on("request", lambda asked: complaints.append(asked.url) if home.url not in asked.url else None)
        page.goto(home.url)
        return page

    yield opened
    for context in contexts:
        context.close()
    # A browser says so, too, when a form comes back to be mended, and when there is no network: in words of
    # its own where the service worker asked.
    expected = ("400 (Bad Request)", "ERR_INTERNET_DISCONNECTED", "net::ERR_FAILED")
    assert [each for each in complaints if not any(known in each for known in expected)] == []
