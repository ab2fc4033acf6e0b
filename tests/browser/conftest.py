"""A real browser, and a Linkhold for it as a stranger would start it."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from pathlib import Path

import pytest
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Dialog,
    Page,
    Playwright,
    Request,
    WebError,
    expect,
    sync_playwright,
)

import needs
from browser.acts import log_in, opened
from browser.house import Home, served
from system.prepared import Prepared
from system.served import Served

HERE = Path(__file__).parent
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

# Milliseconds. A wait ends when what it waits for is there, so only a failure is told later.
# On a busy machine a commit can take longer than the five seconds that Playwright gives.
expect.set_options(timeout=30_000)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Where all of CI hangs on it, try what fails in a browser once more; the summary tells of it."""
    if os.environ.get("CI_NOTHING_SKIPPED") == "1":
        for item in items:
            if HERE in item.path.parents:
                item.add_marker(pytest.mark.flaky(reruns=1))


@pytest.fixture
def setup_url(tmp_path: Path) -> Iterator[str]:
    with served(tmp_path) as url:
        yield url


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    with sync_playwright() as playwright:
        yield playwright


@pytest.fixture(scope="session")
def chromium(playwright: Playwright) -> Iterator[Browser]:
    # The same without its windows, where it is there: it takes little more than half the processor time.
    program = shutil.which("chromium-headless-shell") or needs.program("chromium")
    browser = playwright.chromium.launch(executable_path=program, args=FLAGS)
    yield browser
    browser.close()


@pytest.fixture(scope="module")
def house(chromium: Browser, prepared: Prepared, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Home]:
    """Log the one in who lives here."""
    with closing(Served(tmp_path_factory.mktemp("house"))) as server:
        prepared.hand_to(server)
        server.start()
        context = chromium.new_context()
        page = context.new_page()
        page.goto(server.url)
        log_in(page)
        state = context.storage_state()
        context.close()
        yield Home(server.url, server.token, state)


@pytest.fixture
def home(house: Home) -> Home:
    house.fill()
    return house


@pytest.fixture
def open_page(chromium: Browser, home: Home) -> Iterator[Callable[..., Page]]:
    """Return a function that opens the library.

    Whatever a page complains of fails the test, but for what the test `expects`.
    """
    complaints: list[str] = []
    forgiven: list[str] = []
    contexts = []

    def open_one(*, expects: Sequence[str] = (), **options: object) -> Page:
        forgiven.extend(expects)
        desktop = {"viewport": {"width": 1440, "height": 900}}
        context = chromium.new_context(storage_state=home.state, **{**desktop, **options})  # type: ignore[arg-type]
        contexts.append(context)
        listen(context, home, complaints.append)
        page = context.new_page()
        page.goto(home.url)
        return page

    yield open_one
    for context in contexts:
        context.close()
    assert [each for each in complaints if not any(known in each for known in forgiven)] == []


def listen(context: BrowserContext, home: Home, complain: Callable[[str], object]) -> None:
    """Hear what the pages of a context complain of, all that they open among them."""

    def read(said: ConsoleMessage) -> None:
        if said.type == "error":
            complain(said.text)

    def fail(error: WebError) -> None:
        complain(str(error.error))

    def hear(dialog: Dialog) -> None:
        complain(f"dialog: {dialog.message}")
        dialog.dismiss()

    def look(request: Request) -> None:
        if not request.url.startswith(f"{home.url}/"):
            complain(request.url)

    context.on("console", read)
    context.on("weberror", fail)
    context.on("dialog", hear)
    context.on("request", look)


@pytest.fixture
def context(chromium: Browser, home: Home) -> Iterator[BrowserContext]:
    """A narrow window, which may lose its network; a script of its pages that fails, fails the test."""
    context = chromium.new_context(storage_state=home.state, viewport={"width": 390, "height": 844})
    failed: list[str] = []
    context.on("weberror", lambda error: failed.append(str(error.error)))
    yield context
    context.close()
    assert failed == []


@pytest.fixture
def library(context: BrowserContext, home: Home) -> Page:
    """The library in a narrow window, and its worker."""
    return opened(context, home.url)
