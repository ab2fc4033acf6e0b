"""Every page, in each of its looks, held against the rules of axe-core: nobody is kept out."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import Browser, BrowserContext, Page, StorageState

import needs
from browser.house import Home
from linkhold.app import DOORS, IdConverter
from pages import OTHERS, PAGES

AXE = Path(__file__).parent / "axe/node_modules/axe-core/axe.min.js"
LIGHT = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    # Off unless it is asked for: what a thumb has to hit (WCAG 2.5.8).
    "rules": {"target-size": {"enabled": True}},
    "resultTypes": ["violations"],
}
# The other look has other colours, and nothing else is other in it.
DARK = {"runOnly": ["color-contrast", "link-in-text-block"], "resultTypes": ["violations"]}
DEVICES: dict[str, dict[str, object]] = {
    "phone": {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True},
    "desktop": {"viewport": {"width": 1440, "height": 900}},
}
SCHEMES = {"light": LIGHT, "dark": DARK}
LONG = "Ein sehr langer Titel, der nicht in eine Zeile passt und deshalb umbrochen wird, wie es oft geschieht"

NOTES = "# Notes\n\n- one\n- [two](https://two.example/)\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n```\ncode\n```"

ELSEWHERE = {
    "web.setup": "needs an address that works once: see test_the_first_pages",
    "web.show_pairing": "needs a code that works once: see test_phone",
    "web.show_paired": "shows what a phone was just given: see test_the_pages_of_a_phone",
    "web.show_token": "shows what was just made: see test_the_pages_of_a_phone",
    "web.export": "no page, but a file",
    "web.manifest": "no page, but a file for the browser",
    "web.service_worker": "no page, but a script",
    "web.complete": "no page, but JSON for a script",
    "web.static_file": "no page, but a file",
    "web.private_feed": "no page, but a feed",
    "web.public_feed": "no page, but a feed",
}


def test_no_page_is_forgotten() -> None:
    app = Flask("routes")
    app.url_map.converters["id"] = IdConverter
    for door in DOORS:
        app.register_blueprint(door)
    rules = [rule for rule in app.url_map.iter_rules() if rule.endpoint.startswith("web.")]
    shown = {rule.endpoint for rule in rules if "GET" in (rule.methods or ())}
    assert shown == {*PAGES, *ELSEWHERE}


@dataclass(frozen=True)
class Inspector:
    """Opens pages and looks at them."""

    context: BrowserContext
    home: str

    def open(self, path: str) -> Page:
        page = self.context.new_page()
        page.goto(self.home + path)
        return page


def faults(page: Page, where: str = "") -> Iterator[str]:
    """Yield what axe-core finds on a page, in light and in dark."""
    if not AXE.exists():
        needs.missing("axe-core (npm ci --prefix tests/browser/axe)")
    page.wait_for_load_state()
    page.evaluate(AXE.read_text(encoding="utf-8") + "\n;undefined")
    for scheme, rules in SCHEMES.items():
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")  # type: ignore[arg-type]
        found = page.evaluate("async rules => (await axe.run(document, rules)).violations", rules)
        for violation in found:
            for node in violation["nodes"]:
                summary = node["failureSummary"].replace("\n", " ")
                yield f"{where or page.url} {scheme}: {violation['id']}: {node['target']} {summary}"


@pytest.fixture(scope="module")
def furnished(house: Home) -> dict[str, int]:
    """Put something of every kind into the library; returns the ids that addresses name."""
    save = house.save
    trashed = save("https://trashed.example/", title="Trashed")
    house.call("POST", "/links/bulk", {"action": "trash", "ids": [trashed]})
    numbers = [
        save(f"https://example.com/{n}", title=f"Numbers {n}", tags=["reading", f"a/b{n}"])
        for n in range(1, 61)
    ]
    house.call("POST", "/links/bulk", {"action": "edit", "add_tags": ["many"], "ids": numbers[:9]})
    save("https://example.com/same?x=1", title="Alike")
    save("http://www.example.com/same/?x=1#y", title="Alike")
    save("https://deep.example/a/very/long/path/without/any/title?with=a&query=as-well")
    house.call("POST", "/searches", {"name": "To read", "query": "is:unread"})
    link = save(
        "https://known.example/",
        title=LONG,
        description="A description.\nOf two lines.",
        notes=NOTES,
        tags=["reading", "a/b/c"],
        unread=True,
        shared=True,
        archived=True,
    )
    return {"link": link, "trashed": trashed}


@pytest.fixture(params=DEVICES)
def inspector(request: pytest.FixtureRequest, chromium: Browser, house: Home) -> Iterator[Inspector]:
    context = chromium.new_context(storage_state=house.state, **DEVICES[request.param])  # type: ignore[arg-type]
    yield Inspector(context, house.url)
    context.close()


def test_every_page(inspector: Inspector, furnished: dict[str, int]) -> None:
    first = inspector.open("/feeds")
    if first.get_by_role("button", name="Open a public page").count():
        first.get_by_role("button", name="Open a public page").click()
    first.get_by_label("Name").fill("To read")
    first.get_by_role("button", name="Make a feed").click()
    found = list(faults(first, "a new feed"))
    for path in (*itertools.chain(*PAGES.values()), *OTHERS):
        page = inspector.open(path.format(**furnished))
        found += faults(page)
        page.close()
    assert found == []


def open_menu(page: Page) -> None:
    if page.get_by_role("button", name="Menu").is_visible():
        page.get_by_role("button", name="Menu").click()


def select_some(page: Page) -> None:
    page.locator("label.pick").first.click()
    page.locator("label.pick").nth(2).click()


def press(key: str) -> Callable[[Page], None]:
    return lambda page: page.keyboard.press(key)


def trash_one(page: Page) -> None:
    press("j")(page)
    press("#")(page)
    page.locator("#message").get_by_role("button", name="Undo").wait_for()


def edit_one(page: Page) -> None:
    press("j")(page)
    press("e")(page)
    page.locator(".link .edit input[name=title]").wait_for()


def open_what_is_folded(page: Page) -> None:
    """Open all but the orders, which lie over the list until one clicks beside them."""
    page.evaluate("document.querySelectorAll('main details:not(.sum *)').forEach(each => each.open = true)")


@pytest.mark.usefixtures("furnished")
@pytest.mark.parametrize(
    "act",
    [open_menu, select_some, trash_one, edit_one, press("?"), press("n"), open_what_is_folded],
    ids=lambda act: act.__name__,
)
def test_what_opens_on_the_library(inspector: Inspector, act: Callable[[Page], None]) -> None:
    page = inspector.open("/?q=numbers")
    act(page)
    assert list(faults(page)) == []


def test_the_pages_of_a_phone(inspector: Inspector) -> None:
    page = inspector.open("/phone")
    page.get_by_role("button", name="Show a code to scan").click()
    found = list(faults(page, "a code"))
    page.goto(page.locator("pre.token a").inner_text())
    found += faults(page, "pairing")
    page.get_by_role("button", name="Connect").click()
    found += faults(page, "paired")
    page.goto(f"{inspector.home}/account")
    page.get_by_text("A new token").click()
    page.get_by_label("Name, such as that of the program").fill("a script")
    page.get_by_role("button", name="Make the token").click()
    found += faults(page, "a new token")
    assert found == []


@pytest.mark.parametrize("device", DEVICES)
def test_the_first_pages(chromium: Browser, setup_url: str, device: str) -> None:
    """Before there is an account, and when there is nothing in its library."""
    context = chromium.new_context(**DEVICES[device])  # type: ignore[arg-type]
    page = context.new_page()
    page.goto(setup_url)
    found = list(faults(page, "set-up"))
    page.get_by_label("Name").fill("ada")
    page.get_by_label("Password").fill("short")
    page.get_by_role("button", name="Create account").click()
    found += faults(page, "set-up, to be mended")
    page.get_by_label("Password").fill("correct horse battery")
    page.get_by_role("button", name="Create account").click()
    page.locator(".empty").wait_for()
    home = setup_url.partition("/setup")[0]
    for path in ("/", "/tags", "/searches", "/history", "/duplicates", "/statistics", "/trash", "/feeds"):
        page.goto(home + path)
        found += faults(page)
    nobody: StorageState = {"cookies": [], "origins": []}
    page = chromium.new_context(storage_state=nobody, **DEVICES[device]).new_page()  # type: ignore[arg-type]
    page.goto(f"{home}/login")
    page.get_by_label("Name").fill("ada")
    page.get_by_label("Password").fill("wrong")
    page.get_by_role("button", name="Log in").click()
    found += faults(page, "log-in, to be mended")
    page.context.close()
    context.close()
    assert found == []
