"""What lies above a page: the message, the bar for what is selected, completions. None may cover another."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page

from browser.house import Home

WIDTHS = (390, 768, 834, 1024, 1280, 1300, 1440)


def box(thing: Locator) -> tuple[float, float, float, float]:
    """Return where something stands: left, top, right, bottom."""
    # It rises while it comes.
    thing.evaluate("each => Promise.all(each.getAnimations().map(({ finished }) => finished))")
    found = thing.bounding_box()
    assert found is not None
    return found["x"], found["y"], found["x"] + found["width"], found["y"] + found["height"]


def assert_apart(page: Page, width: int) -> None:
    message, bar = box(page.locator("#message")), box(page.locator(".many"))
    assert message[3] <= bar[1] or bar[3] <= message[1], f"at {width}: {message} {bar}"
    assert message[1] >= 0
    button = box(page.locator(".many .does button:visible").last)
    assert button[2] <= bar[2], f"a button stands out of the bar at {width}"


@pytest.mark.parametrize("language", ["en", "de"])
def test_the_message_never_lies_on_the_bar_for_what_is_selected(
    open_page: Callable[..., Page], language: str
) -> None:
    page = open_page(reduced_motion="reduce", locale=language)
    page.locator(".link").first.hover()
    page.keyboard.press("j")
    page.keyboard.press("#")
    page.locator("#message p").wait_for()
    page.keyboard.press("x")
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        page.evaluate("scrollTo(0, 0)")
        assert_apart(page, width)


@pytest.mark.parametrize("language", ["en", "de"])
def test_nor_on_the_bar_that_merges_tags(open_page: Callable[..., Page], home: Home, language: str) -> None:
    page = open_page(reduced_motion="reduce", locale=language)
    page.goto(f"{home.url}/tags?tag=numbers")
    page.locator("#name").fill("numbered")
    page.locator("#name + button").click()
    page.locator("#message p").wait_for()
    page.locator(".tick").first.click()
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        page.evaluate("scrollTo(0, 0)")
        assert_apart(page, width)


@pytest.mark.parametrize("width", [390, 1440])
def test_the_completions_of_a_new_name_stand_below_its_field(
    open_page: Callable[..., Page], home: Home, width: int
) -> None:
    page = open_page(viewport={"width": width, "height": 900})
    page.goto(f"{home.url}/tags?tag=numbers")
    name = page.get_by_label("New name")
    name.press("End")
    name.press("Backspace")
    found, field = box(page.locator(".completions")), box(name)
    assert 0 <= found[1] - field[3] < 20
    assert found[0] >= 0
    assert found[2] <= width
