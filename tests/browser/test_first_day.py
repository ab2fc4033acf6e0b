"""The first day of a person with Linkhold, in a real browser with scripts switched off."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Browser, Locator, Page, expect

from browser.acts import enter

# A phone comes by a name of the house: see FLAGS.
AT_HOME = "linkhold.lan"


def title(page: Page) -> Locator:
    return page.get_by_role("link", name="https://example.com/a", exact=True)


def trash_in_the_list(page: Page) -> None:
    title(page).hover()
    page.get_by_role("button", name="Trash: https://example.com/a").click()
    expect(page.get_by_text("Nothing here yet")).to_be_visible()


def trash_with_a_thumb(page: Page) -> None:
    """Select it by its monogram, and press what then stands at the lower edge."""
    page.locator("label.pick").tap()
    page.get_by_role("button", name="Trash", exact=True).tap()
    expect(page.get_by_text("Nothing here yet")).to_be_visible()


def first_day(
    page: Page, setup_url: str, press: Callable[[Locator], None], trash: Callable[[Page], None]
) -> None:
    """Create the account, save a link, trash it, and take that back."""
    page.goto(setup_url)
    page.get_by_label("Name").fill("ada")
    page.get_by_label("Password").fill("correct horse battery")
    press(page.get_by_role("button", name="Create account"))
    expect(page.get_by_text("Nothing here yet")).to_be_visible()
    page.get_by_label("Save a link").fill("https://example.com/a")
    press(page.get_by_role("button", name="Save"))
    expect(page.get_by_role("status").get_by_text("Saved:")).to_be_visible()
    expect(title(page)).to_be_visible()
    trash(page)
    expect(page.get_by_role("status").get_by_text("Moved to the trash")).to_be_visible()
    press(page.get_by_role("button", name="Undo"))
    expect(page.get_by_role("status").get_by_text("Undone: taken out of the trash")).to_be_visible()


def test_a_first_day_on_a_phone(chromium: Browser, setup_url: str) -> None:
    context = chromium.new_context(
        java_script_enabled=False, viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True
    )
    page = context.new_page()
    first_day(page, setup_url.replace("127.0.0.1", AT_HOME), Locator.tap, trash_with_a_thumb)
    # Nothing is wider than the screen, and what a thumb has to hit is large enough (WCAG 2.5.5).
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    for target in page.get_by_role("button").or_(page.get_by_role("navigation").get_by_role("link")).all():
        box = target.bounding_box()
        assert box is not None
        assert box["height"] >= 44
        assert box["x"] + box["width"] <= 390
    context.close()


def test_a_first_day_on_a_desktop(chromium: Browser, setup_url: str) -> None:
    context = chromium.new_context(java_script_enabled=False, viewport={"width": 1440, "height": 900})
    first_day(context.new_page(), setup_url, Locator.click, trash_in_the_list)
    context.close()


def test_a_first_day_with_the_keyboard_alone(chromium: Browser, setup_url: str) -> None:
    context = chromium.new_context(java_script_enabled=False, viewport={"width": 1440, "height": 900})
    page = context.new_page()
    page.goto(setup_url)
    expect(page.get_by_label("Name")).to_be_focused()
    page.keyboard.type("ada")
    page.keyboard.press("Tab")
    page.keyboard.type("correct horse battery")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Nothing here yet")).to_be_visible()
    enter(page, page.get_by_role("link", name="Skip to the content"))
    page.keyboard.press("Tab")
    page.keyboard.type("https://example.com/keys")
    page.keyboard.press("Enter")
    expect(page.get_by_role("status").get_by_text("Saved:")).to_be_visible()
    enter(page, page.get_by_role("button", name="Trash: "))
    expect(page.get_by_role("status").get_by_text("Moved to the trash")).to_be_visible()
    enter(page, page.get_by_role("button", name="Undo"))
    expect(page.get_by_role("status").get_by_text("Undone:")).to_be_visible()
    enter(page, page.get_by_role("button", name="Log out"))
    expect(page.get_by_role("heading", name="Log in")).to_be_visible()
    context.close()
