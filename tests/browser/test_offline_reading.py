"""Without a network the pages seen last can be read, by who may see them."""

from __future__ import annotations

from playwright.sync_api import BrowserContext, Page, expect

from browser.acts import go_offline, message, save
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


def test_that_it_was_seen_last_is_told_until_there_is_network(library: Page, context: BrowserContext) -> None:
    go_offline(library)
    library.reload()
    expect(library.get_by_text("This is what you saw last")).to_be_visible()
    context.set_offline(offline=False)
    expect(library.get_by_text("This is what you saw last")).to_be_hidden()


def test_what_was_just_saved_can_be_read_and_is_not_told_again(library: Page) -> None:
    save(library, "https://example.com/fresh")
    expect(message(library)).to_contain_text("Saved: https://example.com/fresh")
    go_offline(library)
    library.reload()
    expect(library.get_by_text("This is what you saw last")).to_be_visible()
    expect(library.locator(".link").first).to_contain_text("https://example.com/fresh")
    expect(message(library)).to_be_empty()


SEE_MANY = """async () => {
  const { see } = await import(document.querySelector("[src$='app.js']").src.replace("app.js", "seen.js"));
  const page = () => new Response("", { headers: { "Content-Type": "text/html" } });
  for (let id = 0; id < 30; id += 1) await see(`${location.origin}/link/${id}`, page());
}"""
SEEN = "async () => (await (await caches.open('pages')).keys()).map(({ url }) => url)"


def test_what_one_begins_with_can_be_read_however_much_was_seen_since(library: Page, home: Home) -> None:
    library.goto(f"{home.url}/start")
    library.evaluate(SEE_MANY)
    assert len(library.evaluate(SEEN)) == 22
    go_offline(library)
    for path in ("start", ""):
        library.goto(f"{home.url}/{path}")
        expect(library.locator(".link").first).to_contain_text("Number 70.")


def test_what_is_typed_into_a_search_takes_no_room(library: Page, home: Home) -> None:
    library.get_by_label("Search", exact=True).fill("number")
    expect(library).to_have_url(f"{home.url}/?q=number")
    assert library.evaluate(SEEN) == [f"{home.url}/"]
    library.reload()
    assert library.evaluate(SEEN) == [f"{home.url}/", f"{home.url}/?q=number"]
