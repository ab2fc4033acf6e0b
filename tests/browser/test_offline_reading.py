"""Without a network the pages seen last can be read, by who may see them."""

from __future__ import annotations

from playwright.sync_api import BrowserContext, Page, expect

from browser.house import Home


def test_the_pages_seen_last_can_be_read(library: Page, context: BrowserContext, home: Home) -> None:
    library.locator(".act.more").first.click()
    expect(library.get_by_role("heading", name="History")).to_be_visible()
    seen = library.url
    context.set_offline(offline=True)
    library.goto(seen)
    expect(library.get_by_role("heading", name="History")).to_be_visible()
    expect(library.get_by_text("This is what you saw last")).to_be_visible()
    library.goto(home.url)
    expect(library.locator(".link").first).to_contain_text("Number 70.")
    library.goto(f"{home.url}/account")
    expect(library.get_by_role("heading", name="No network")).to_be_visible()
