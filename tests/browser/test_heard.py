"""What who hears the pages is told: that something was copied, and where one is after an act."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from playwright.sync_api import Page, expect

from browser.acts import NO_NETWORK

if TYPE_CHECKING:
    from browser.house import Home


def test_that_something_was_copied_is_told(open_page: Callable[..., Page], home: Home) -> None:
    page = open_page()
    page.goto(f"{home.url}/account")
    page.get_by_text("A new token").click()
    page.get_by_label("Name, such as that of the program").fill("heard")
    page.get_by_role("button", name="Make the token").click()
    page.get_by_role("button", name="Copy: The token").click()
    expect(page.locator("[aria-live]", has_text="Copied")).to_have_count(1)


def test_what_waits_is_told_apart_and_the_focus_outlives_a_discard(open_page: Callable[..., Page]) -> None:
    page = open_page(expects=NO_NETWORK)
    page.evaluate("navigator.serviceWorker.ready")
    page.context.set_offline(True)
    for name in ("one", "two"):
        page.get_by_label("Save a link").fill(f"https://waits.example/{name}")
        page.keyboard.press("Enter")
        expect(page.locator("#waiting li", has_text=name)).to_be_visible()
    for name, next_one in (("one", "Discard: https://waits.example/two"), ("two", "Save a link")):
        page.get_by_role("button", name=f"Discard: https://waits.example/{name}").click()
        page.get_by_role("dialog").get_by_role("button", name="Discard").click()
        focused = page.get_by_label(next_one, exact=True)
        expect(focused).to_be_focused()


def test_what_waits_is_not_taken_from_under_a_finger(open_page: Callable[..., Page]) -> None:
    """A press was lost when the list was drawn anew between its two halves, and the focus with it."""
    page = open_page(expects=NO_NETWORK)
    page.evaluate("navigator.serviceWorker.ready")
    page.context.set_offline(True)
    page.get_by_label("Save a link").fill("https://waits.example/one")
    page.keyboard.press("Enter")
    button = page.get_by_role("button", name="Discard: https://waits.example/one")
    button.focus()
    # As another tab tells when it has tried to send it, and as every page does that is shown again.
    page.evaluate("() => { document.dispatchEvent(new Event('shown')) }")
    page.evaluate("() => new Promise((resolve) => setTimeout(resolve, 300))")
    expect(button).to_be_focused()
    button.press("Enter")
    page.get_by_role("dialog").get_by_role("button", name="Discard").click()
    expect(page.locator("#waiting li")).to_have_count(0)
