"""Take the pictures of the README from an invented library: `python -m tools.screenshots`.

With `--every-page DIRECTORY` each page is taken, for looking at: on a phone and on a desktop, in light and
in dark, and the library in German. Needs Debian's Chromium.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import TypedDict
from unittest import mock

from playwright.sync_api import Browser, Page, ViewportSize, sync_playwright

from linkhold import clock, config
from linkhold.accounts import accounts
from linkhold.links import inbox, saved_searches, saving
from linkhold.links.changes import Origin
from linkhold.runtime import Runtime

INVENTED = Path(__file__).with_name("invented.json")
IMAGES = Path(__file__).parents[1] / "docs/images"
NAME, PASSWORD = "vera", "an invented password"
HOURS_BETWEEN = 57
# Without the settings of whoever takes the pictures.
ENVIRONMENT = {name: value for name, value in os.environ.items() if not name.startswith("LINKHOLD_")}


class Device(TypedDict):
    """What a browser says that it is."""

    viewport: ViewportSize
    device_scale_factor: float
    has_touch: bool
    is_mobile: bool


DEVICES: dict[str, Device] = {
    "phone": {
        "viewport": {"width": 390, "height": 844},
        "device_scale_factor": 2,
        "has_touch": True,
        "is_mobile": True,
    },
    "desktop": {
        "viewport": {"width": 1440, "height": 900},
        "device_scale_factor": 1,
        "has_touch": False,
        "is_mobile": False,
    },
}
SCHEMES = ("light", "dark")
PAGES = {
    "library": "/",
    "found": "/?q=%23work+sort:added",
    "link": "/link/{newest}",
    "edit": "/link/{newest}/edit",
    "tags": "/tags",
    "searches": "/searches",
    "duplicates": "/duplicates",
    "statistics": "/statistics",
    "history": "/history",
    "trash": "/trash",
    "inbox": "/inbox",
    "tools": "/tools",
    "feeds": "/feeds",
    "new": "/bookmarks/new?url=https://new.example/",
    "account": "/account",
    "leaving": "/account/delete",
    "phone": "/phone",
    "admin": "/admin",
    "offline": "/offline",
    "missing": "/nothing-is-here",
}


def furnish(data: Path) -> int:
    """Make the account and its library; returns the id of the newest link."""
    invented = json.loads(INVENTED.read_text(encoding="utf-8"))
    settings = config.load({**ENVIRONMENT, "LINKHOLD_DATA_DIR": str(data)})
    origin = Origin(door="web")
    with closing(Runtime.open(settings, say=lambda _: None)) as runtime:
        with runtime.transaction() as session:
            owner = accounts.create(session, NAME, PASSWORD).id
            accounts.create(session, "mirela", PASSWORD)
        now, newest = clock.now(), 0
        for number, link in reversed(list(enumerate(invented["links, the newest first"]))):
            with at(now - timedelta(hours=1 + HOURS_BETWEEN * number)), runtime.transaction() as session:
                newest = saving.save(session, owner, runtime.drafting.draft(**link), origin=origin).link.id
        with runtime.transaction() as session:
            for search in invented["searches"]:
                saved_searches.add(session, owner, **search)
            for words in invented["inbox"]:
                inbox.keep(session, owner, words, origin=origin)
    return newest


@contextmanager
def at(moment: datetime) -> Iterator[None]:
    """Let it be another time."""
    with mock.patch.object(clock, "now", return_value=moment):
        yield


@contextmanager
def served(data: Path) -> Iterator[str]:
    """Serve what is in a data directory; gives the address."""
    given = {"LINKHOLD_DATA_DIR": str(data), "LINKHOLD_PORT": "0", "LINKHOLD_LOG_LEVEL": "warning"}
    command = [str(Path(sys.executable).parent / "linkhold"), "serve"]
    with subprocess.Popen(command, env=ENVIRONMENT | given, stdout=subprocess.PIPE, text=True) as server:  # noqa: S603 - ours
        try:
            yield next(filter(None, (re.search(r"http://[^\s/]+", line) for line in server.stdout or ())))[0]
        finally:
            server.terminate()


def pages(browser: Browser, home: str, language: str) -> Iterator[tuple[str, Page]]:
    """Log in on each device in light and in dark; gives what a picture of it is called, and its page."""
    for scheme in SCHEMES:
        for device, options in DEVICES.items():
            context = browser.new_context(
                color_scheme=scheme,  # type: ignore[arg-type]
                locale=language,
                reduced_motion="reduce",
                **options,
            )
            page = context.new_page()
            page.goto(f"{home}/login")
            page.locator("#name").fill(NAME)
            page.locator("#password").fill(PASSWORD)
            page.locator("form button").click()
            page.wait_for_url(f"{home}/")
            yield f"{device}-{scheme}", page
            context.close()


def main() -> None:
    """Make a library, serve it, and take the pictures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--directory", type=Path, default=IMAGES, help="where the README's pictures go")
    parser.add_argument("--every-page", type=Path, metavar="DIRECTORY", help="take each page instead")
    parser.add_argument("--language", default="en", help="what the browser asks for: en, de")
    given = parser.parse_args()
    wanted = PAGES if given.every_page else {"library": PAGES["library"], "link": PAGES["link"]}
    directory = given.every_page or given.directory
    directory.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory() as temporary,
        served(Path(temporary)) as home,
        sync_playwright() as playwright,
    ):
        newest = furnish(Path(temporary))
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox", "--disable-gpu"]
        )
        for device, page in pages(browser, home, given.language):
            for name, path in wanted.items():
                page.goto(home + path.format(newest=newest))
                picture = directory / f"{name}-{device}.png"
                page.screenshot(path=picture, full_page=bool(given.every_page))
        browser.close()


if __name__ == "__main__":
    main()
