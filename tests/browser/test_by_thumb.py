"""A day with nothing but a thumb, on a phone."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from playwright.sync_api import Locator, Page, expect

if TYPE_CHECKING:
    from browser.conftest import Home

Open = Callable[..., Page]


def message(page: Page) -> Locator:
    return page.locator("#message")


def test_a_day_with_a_thumb(open_page: Open, home: Home) -> None:
    home.save("https://known.example/", title="A known one", tags=["reading"])
    page = open_page(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    # Save.
    page.get_by_label("Save a link").tap()
    page.keyboard.type("https://thumb.example/")
    page.get_by_role("button", name="Save").tap()
    expect(message(page)).to_contain_text("Saved: https://thumb.example/")
    # Edit, by way of the link's page.
    page.get_by_role("link", name="More about: https://thumb.example/").tap()
    page.get_by_role("link", name="Edit", exact=True).tap()
    page.get_by_label("Title").fill("By thumb")
    page.get_by_role("button", name="Save", exact=True).tap()
    expect(page.get_by_role("heading", name="By thumb")).to_be_visible()
    page.goto(home.url)
    # Search, and take the search away again.
    page.get_by_label("Search", exact=True).tap()
    page.keyboard.type("thumb")
    expect(page.locator(".link")).to_have_count(1)
    page.locator(".chips a").first.tap()
    expect(page.get_by_role("link", name="A known one", exact=True)).to_be_visible()
    # Several at once, and back.
    page.locator("label.pick").nth(0).tap()
    page.locator("label.pick").nth(1).tap()
    bar = page.locator("#many")
    expect(bar.locator("output")).to_have_text("2 selected")
    bar.get_by_role("button", name="Trash", exact=True).tap()
    expect(message(page)).to_contain_text("2 links")
    expect(page.get_by_role("link", name="By thumb", exact=True)).to_have_count(0)
    message(page).get_by_role("button", name="Undo").tap()
    expect(page.get_by_role("link", name="By thumb", exact=True)).to_be_visible()
    # A range: the first of it, then the last.
    page.locator("label.pick").nth(1).tap()
    page.get_by_label("Range").tap()
    expect(bar.locator("output")).to_have_text("Up to which one?")
    page.locator("label.pick").nth(5).tap()
    expect(bar.locator("output")).to_have_text("5 selected")
    page.locator("label.pick").nth(7).tap()
    expect(bar.locator("output")).to_have_text("6 selected")
    bar.get_by_role("button", name="Archive", exact=True).tap()
    expect(message(page)).to_contain_text("6 links")
    message(page).get_by_role("button", name="Undo").tap()
    expect(message(page)).to_contain_text("Undone")
    # The trash, and out of it.
    page.locator("label.pick").nth(0).tap()
    page.locator("#many").get_by_role("button", name="Trash", exact=True).tap()
    expect(page.get_by_role("link", name="By thumb", exact=True)).to_have_count(0)
    page.get_by_role("button", name="Menu").tap()
    page.get_by_role("navigation", name="Main").get_by_role("link", name="Trash").tap()
    page.locator("label.pick").first.tap()
    page.locator("#many").get_by_role("button", name="Restore").tap()
    expect(message(page)).to_contain_text("Restored: By thumb")
    page.goto(home.url)
    expect(page.get_by_role("link", name="By thumb", exact=True)).to_be_visible()
