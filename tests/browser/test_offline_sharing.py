"""What another app shares without a network waits as well; what another site sends does not."""

from __future__ import annotations

from playwright.sync_api import BrowserContext, Page, expect

from browser.acts import WAITING, found, share
from browser.house import Home


def test_what_an_app_shares_without_a_network_is_kept_and_saved(
    library: Page, context: BrowserContext, home: Home
) -> None:
    context.set_offline(offline=True)
    shared = context.new_page()
    share(shared, home.url, "Look: https://example.com/underground9")
    expect(shared.get_by_role("heading", name="Kept on this device")).to_be_visible()
    expect(shared.locator("#kept")).to_contain_text("underground9")
    assert shared.url == f"{home.url}/kept", "loading it anew sends nothing"
    shared.reload()
    expect(shared.locator("#kept")).to_contain_text("underground9")
    assert found(home, "https://example.com/underground9") == 0
    shared.close()
    context.set_offline(offline=False)
    library.reload()
    expect(library.locator(".link").first).to_contain_text("Look")
    expect(library.locator(WAITING)).to_have_count(0)
    assert found(home, "https://example.com/underground9") == 1


def test_the_page_that_says_so_sends_it_itself(library: Page, context: BrowserContext, home: Home) -> None:
    library.close()
    context.set_offline(offline=True)
    page = context.new_page()
    share(page, home.url, "only words, shared underground")
    expect(page.get_by_role("heading", name="Kept on this device")).to_be_visible()
    context.set_offline(offline=False)
    expect(page.locator(".link").first).to_be_visible()
    page.goto(f"{home.url}/inbox")
    expect(page.get_by_text("only words, shared underground")).to_have_count(1)


def test_what_another_site_sends_is_not_kept(library: Page, context: BrowserContext, home: Home) -> None:
    """The server would refuse it; what the worker kept would come from the library itself."""
    page = context.new_page()
    for number, policy in enumerate(("unsafe-url", "no-referrer", "same-origin")):
        context.set_offline(offline=False)
        page.route(
            "https://elsewhere.example/", lambda route: route.fulfill(body="<p>", content_type="text/html")
        )
        page.goto("https://elsewhere.example/")
        context.set_offline(offline=True)
        share(page, home.url, f"https://example.com/evil{number}", policy)
        expect(page.get_by_role("heading", name="No network")).to_be_visible()
    own = context.new_page()
    share(own, home.url, "https://example.com/genuine")
    expect(own.get_by_role("heading", name="Kept on this device")).to_be_visible()
    expect(own.locator("#kept li")).to_have_text(["https://example.com/genuine"])
    library.reload()
    expect(library.locator(WAITING)).to_have_count(1)
