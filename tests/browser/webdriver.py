"""A browser by the W3C's WebDriver protocol, which is plain HTTP: what the tests need of it, and no more."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import urllib3

import needs
from system.served import free_port

MINI_BROWSER = Path("/usr/lib/x86_64-linux-gnu/webkit2gtk-4.1/MiniBrowser")
ELEMENT = "element-6066-11e4-a52e-4f735466cecf"  # W3C WebDriver, 12.2
ENTER = "\ue007"
PATIENCE = 90


@dataclass(frozen=True)
class Driven:
    """A browser that is driven."""

    session: str

    def call(self, method: str, path: str, **body: object) -> Any:
        """Ask for one thing; what cannot be done fails the test with the browser's own words."""
        answer = urllib3.request(method, f"{self.session}{path}", json=body, timeout=60, retries=False)
        assert answer.status == 200, answer.data.decode()
        return answer.json()["value"]

    def open(self, address: str) -> None:
        self.call("POST", "/url", url=address)

    @property
    def address(self) -> str:
        return str(self.call("GET", "/url"))

    def every(self, css: str) -> list[str]:
        """Return all elements that fit, as they are now."""
        found = self.call("POST", "/elements", using="css selector", value=css)
        return [each[ELEMENT] for each in found]

    def shown(self, css: str) -> list[str]:
        """Return the texts of all that fit and are shown."""
        script = "return [...document.querySelectorAll(arguments[0])].map(each => each.innerText.trim())"
        texts: list[str] = self.call("POST", "/execute/sync", script=script, args=[css])
        return texts

    def until(self, css: str, is_right: Callable[[list[str]], bool]) -> None:
        """Wait until the texts of what fits are right."""
        end = time.monotonic() + PATIENCE
        while not is_right(texts := self.shown(css)):
            assert time.monotonic() < end, f"{css} shows {texts} at {self.address}"
            time.sleep(0.1)

    def says(self, css: str, text: str) -> None:
        """Wait until something that fits has a text in it."""
        self.until(css, lambda texts: any(text in each for each in texts))

    def click(self, css: str) -> None:
        self.until(css, bool)
        self.call("POST", f"/element/{self.every(css)[0]}/click")

    def type(self, css: str, text: str, *, anew: bool = False) -> None:
        self.until(css, bool)
        [element, *_] = self.every(css)
        if anew:
            self.call("POST", f"/element/{element}/clear")
        self.call("POST", f"/element/{element}/value", text=text)


@contextmanager
def webkit() -> Iterator[Driven]:
    """Start WebKitGTK, which is what Safari is made of, on a display that nobody sees."""
    driver, display = needs.program("WebKitWebDriver", "webkit2gtk-driver"), needs.program("Xvfb", "xvfb")
    if not MINI_BROWSER.exists():
        needs.missing("WebKitGTK 4.1's MiniBrowser (apt install webkit2gtk-driver)")
    quiet: dict[str, Any] = {"stderr": subprocess.DEVNULL}
    with (
        _running([display, "-displayfd", "1", "-screen", "0", "1440x900x24"], **quiet) as screen,
        _running([driver, f"--port={(port := free_port())}"], env=_environment(screen), **quiet),
    ):
        driven = Driven(f"http://127.0.0.1:{port}/session/{_begin(port)}")
        try:
            yield driven
        finally:
            driven.call("DELETE", "")


def _begin(port: int) -> str:
    options = {"binary": str(MINI_BROWSER), "args": ["--automation"]}
    wanted = {"capabilities": {"alwaysMatch": {"webkitgtk:browserOptions": options}}}
    retries = urllib3.Retry(total=8, backoff_factor=0.1)
    answer = urllib3.request(
        "POST", f"http://127.0.0.1:{port}/session", json=wanted, retries=retries, timeout=60
    )
    assert answer.status == 200, answer.data.decode()
    return str(answer.json()["value"]["sessionId"])


def _environment(screen: subprocess.Popen[str]) -> dict[str, str]:
    assert screen.stdout is not None
    number = screen.stdout.readline().strip()
    return {**os.environ, "DISPLAY": f":{number}", "LIBGL_ALWAYS_SOFTWARE": "1", "NO_AT_BRIDGE": "1"}


@contextmanager
def _running(command: list[str], **options: Any) -> Iterator[subprocess.Popen[str]]:
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, **options) as process:
        try:
            yield process
        finally:
            process.terminate()
            process.wait(90)
