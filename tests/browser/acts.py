"""What one does with a page, and what one reads off it: for every test in a real browser."""

from __future__ import annotations

import urllib.parse

import pytest
from playwright.sync_api import BrowserContext, Locator, Page, expect

from browser.house import Home

WAITING = "#waiting li"
# What a browser itself says of a form that comes back to be mended, and where there is no network: in words
# of its own where the service worker asked.
REFUSED = ("400 (Bad Request)",)
NO_NETWORK = ("ERR_INTERNET_DISCONNECTED", "net::ERR_FAILED")
NAME, PASSWORD = "ada", "correct horse battery"
PHONE: dict[str, object] = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}


def titles(page: Page) -> list[str]:
    return page.locator(".link .title").all_inner_texts()


def title(page: Page, text: str) -> Locator:
    return page.get_by_role("link", name=text, exact=True)


def message(page: Page) -> Locator:
    return page.locator("#message")


def create_account(page: Page, setup_url: str) -> None:
    """Create the first account of a Linkhold that was just started."""
    page.goto(setup_url)
    page.get_by_label("Name").fill(NAME)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Create account").click()
    page.locator(".empty").wait_for()


def log_in(page: Page) -> None:
    """Log in on the page that asks for it, and see the library."""
    page.get_by_label("Name").fill(NAME)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()
    page.locator("#message").wait_for(state="attached")


def reach(page: Page, target: Locator) -> None:
    """Go to a target by Tab alone."""
    expect(target).to_have_count(1)
    for _ in range(90):
        if target.evaluate("node => node === document.activeElement"):
            return
        page.keyboard.press("Tab")
    pytest.fail(f"the keyboard does not reach {target}")


def enter(page: Page, target: Locator) -> None:
    """Go to a target by Tab alone, and press Enter on it."""
    reach(page, target)
    page.keyboard.press("Enter")


def opened(context: BrowserContext, home: str) -> Page:
    """Open the library in a page that its worker sees."""
    page = context.new_page()
    page.goto(home)
    page.evaluate("navigator.serviceWorker.ready")
    # What a worker takes over it sees from the next page on.
    page.reload()
    return page


def go_offline(page: Page) -> None:
    """Take the network away from a page whose worker is there: one that is on its way would complain."""
    page.evaluate("navigator.serviceWorker.ready.then(() => undefined)")
    page.context.set_offline(offline=True)


def save(page: Page, url: str) -> None:
    """Save a link by the field and its button."""
    page.get_by_label("Save a link").fill(url)
    page.get_by_role("button", name="Save", exact=True).click()


def found(home: Home, url: str) -> int:
    """Return how many links of the library have an address."""
    listed = home.call("GET", "/links?q=" + urllib.parse.quote(f"url:{url.rpartition('/')[2]}"))["links"]
    return sum(link["url"] == url for link in listed)


def share(page: Page, home: str, text: str, policy: str = "") -> None:
    """Send what an app shares: a form that the browser itself sends, as a navigation."""
    page.set_content(
        f"""<meta name=referrer content="{policy}"><form method="post" action="{home}/share">
        <input name="title" value=""><input name="text" value="{text}"><input name="url" value=""></form>"""
    )
    page.evaluate("document.forms[0].submit()")
