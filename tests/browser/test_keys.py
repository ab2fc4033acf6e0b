"""Shortcuts of a single key: behind Alt on some keyboards, and switched off by who does not want them."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from playwright.sync_api import Page, expect

if TYPE_CHECKING:
    from browser.house import Home

PRESS = """([key, altKey]) => document.activeElement.dispatchEvent(
  new KeyboardEvent("keydown", { key, altKey, bubbles: true, cancelable: true }))"""


def test_a_sign_behind_alt_is_a_shortcut_and_a_letter_with_alt_is_not(open_page: Callable[..., Page]) -> None:
    """On a British or a Spanish keyboard of a Mac, `#` is Option and 3."""
    page = open_page()
    page.keyboard.press("j")
    page.evaluate(PRESS, ["x", True])
    expect(page.locator(".pick :checked")).to_have_count(0)
    page.evaluate(PRESS, ["#", True])
    expect(page.locator("#message")).to_contain_text("Moved to the trash")


def test_keys_that_are_switched_off_do_nothing(open_page: Callable[..., Page], home: Home) -> None:
    home.call("PATCH", "/account", {"quiet_keys": True})
    try:
        page = open_page()
        first = page.locator(".link .title").first
        first.focus()
        for key in ("j", "x", "#", "/", "n", "?"):
            page.keyboard.press(key)
        expect(first).to_be_focused()
        expect(page.locator(".pick :checked, dialog[open], #message p")).to_have_count(0)
        page.locator(".pick input").first.check()
        first.focus()
        page.keyboard.press("Escape")
        expect(page.locator(".pick :checked")).to_have_count(0)
    finally:
        home.call("PATCH", "/account", {"quiet_keys": False})
