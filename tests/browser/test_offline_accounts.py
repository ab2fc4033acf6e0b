"""What waits, and what was seen last, belongs to the one who was logged in."""

from __future__ import annotations

from playwright.sync_api import Browser, BrowserContext, Page, Route, expect

from browser.acts import WAITING, log_in, save
from browser.house import Home

# What the page does by itself once it is there, done here so that it is known to be done.
SEND = """async () => {
  const outbox = await import(document.querySelector("[src$='app.js']").src.replace("app.js", "outbox.js"));
  return outbox.sendAll(document.querySelector("meta[name=account]").content);
}"""


def test_what_waits_is_not_sent_for_somebody_else(chromium: Browser, home: Home) -> None:
    # What a worker fetches cannot be tampered with from here, so there is none.
    context = chromium.new_context(storage_state=home.state, service_workers="block")
    page = context.new_page()
    page.goto(home.url)
    context.set_offline(offline=True)
    save(page, "https://example.com/underground4")
    expect(page.locator(WAITING)).to_have_count(1)
    context.route("**/*", somebody_else)
    page.close()
    context.set_offline(offline=False)
    sent: list[str] = []
    context.on("request", lambda request: sent.append(request.method))
    page = context.new_page()
    page.goto(home.url)
    assert page.evaluate(SEND) == {"saved": 0, "met": ""}
    expect(page.locator(WAITING)).to_have_count(0)
    assert "POST" not in sent
    context.unroute("**/*")
    page.reload()
    expect(page.locator(".link").first).to_contain_text("underground4")
    context.close()


def somebody_else(route: Route) -> None:
    """Answer the pages as if another account were logged in."""
    if route.request.resource_type != "document":
        route.continue_()
        return
    answer = route.fetch()
    text = answer.text().replace('name="account" content="', 'name="account" content="9')
    route.fulfill(response=answer, body=text)


def test_a_session_that_ended_meanwhile_loses_nothing(
    library: Page, context: BrowserContext, home: Home
) -> None:
    context.set_offline(offline=True)
    save(library, "https://example.com/underground5")
    expect(library.locator(WAITING)).to_have_count(1)
    context.clear_cookies()
    context.set_offline(offline=False)
    expect(library.locator("#message")).to_contain_text("once you are logged in")
    library.goto(home.url)
    log_in(library)
    expect(library.locator(".link").first).to_contain_text("underground5")


def test_who_logged_out_leaves_nothing_to_read(library: Page, context: BrowserContext, home: Home) -> None:
    """Log-out is not pressed: it would end the session that the other tests use."""
    context.clear_cookies()
    library.goto(home.url)
    expect(library.get_by_role("heading", name="Log in")).to_be_visible()
    context.set_offline(offline=True)
    library.goto(home.url)
    expect(library.get_by_role("heading", name="No network")).to_be_visible()
