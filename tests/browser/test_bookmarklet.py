"""The bookmarklet in a real browser: from a page of another site into the library, and the window closes."""

from __future__ import annotations

from urllib.parse import unquote

from playwright.sync_api import Browser, expect

from browser.house import Home

ELSEWHERE = "https://elsewhere.example/a?b=1&c=%20#d"
PAGE = """<!doctype html><title>A page & “its” title</title>
<p id="words">Words &amp; more that were selected</p>"""


def test_the_bookmarklet_saves_the_page_that_one_looks_at(chromium: Browser, house: Home) -> None:
    context = chromium.new_context(storage_state=house.state)
    context.route(
        "https://elsewhere.example/**",
        lambda route: route.fulfill(body=PAGE, content_type="text/html; charset=utf-8"),
    )
    tools = context.new_page()
    tools.goto(f"{house.url}/tools")
    written = tools.locator(".bookmarklet").get_attribute("href") or ""
    assert tools.locator("pre").first.text_content() == written
    page = context.new_page()
    page.goto(ELSEWHERE)
    page.evaluate("getSelection().selectAllChildren(document.querySelector('#words'))")
    with context.expect_page() as opened:
        # What a browser does with a bookmark, which no page's policy forbids.
        page.evaluate(f"{{ {unquote(written.removeprefix('javascript:'))} }}")
    window = opened.value
    expect(window.get_by_label("Address")).to_have_value(ELSEWHERE)
    expect(window.get_by_label("Title")).to_have_value("A page & “its” title")
    expect(window.get_by_label("Description")).to_have_value("Words & more that were selected")
    window.get_by_label("Tags, with spaces between").fill("found")
    with window.expect_event("close"):
        window.get_by_role("button", name="Save").click()
        expect(window.get_by_role("heading", name="Saved")).to_be_visible()
    [link] = house.call("GET", "/links?q=%23found")["links"]
    assert (link["url"], link["title"]) == (ELSEWHERE, "A page & “its” title")
    context.close()


def test_the_form_works_without_scripts(chromium: Browser, house: Home) -> None:
    context = chromium.new_context(storage_state=house.state, java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{house.url}/bookmarks/new?url=https://plain.example/&auto_close")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("heading", name="Saved")).to_be_visible()
    expect(page.get_by_text("it may be closed")).to_be_visible()
    page.get_by_role("link", name="To the library").click()
    expect(page.get_by_role("link", name="https://plain.example/", exact=True)).to_be_visible()
    context.close()
