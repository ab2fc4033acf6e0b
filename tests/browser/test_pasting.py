"""An address that is pasted where nothing is written is saved."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page, expect

from browser.acts import message, titles

Open = Callable[..., Page]

PASTE = """text => {
    const data = new DataTransfer();
    data.setData("text/plain", text);
    document.activeElement.dispatchEvent(new ClipboardEvent("paste", {clipboardData: data, bubbles: true}));
}"""


def test_pasting_where_a_box_was_ticked_saves_as_well(open_page: Open) -> None:
    page = open_page()
    page.locator("label.pick").first.click()
    expect(page.locator(".pick input").first).to_be_focused()
    page.evaluate(PASTE, "https://pasted.example/z")
    expect(message(page)).to_contain_text("Saved: https://pasted.example/z")


def test_pasting_a_url_anywhere_saves_it(open_page: Open) -> None:
    page = open_page()
    page.evaluate(PASTE, "no address at all")
    page.evaluate(PASTE, "https://pasted.example/x")
    expect(message(page)).to_contain_text("Saved: https://pasted.example/x")
    assert titles(page)[0] == "https://pasted.example/x"
    page.keyboard.press("u")
    expect(message(page)).to_contain_text("Undone")
    page.goto(page.url.rstrip("/") + "/tags")
    page.evaluate(PASTE, "https://pasted.example/y")
    expect(message(page)).to_contain_text("Saved: https://pasted.example/y")
    page.evaluate(PASTE, "Look: example.com/pasted")
    expect(message(page)).to_contain_text("Saved: Look")
