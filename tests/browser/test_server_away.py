"""While nginx answers in Linkhold's place nothing is lost; an update leaves no page without its style."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from browser.acts import WAITING, found, message, opened, save, share
from browser.front import Front, before
from browser.house import Home

STYLE = "link[href='/static-000000000000/style.css']"
UPDATE = """() => new Promise(resolve => {
  navigator.serviceWorker.addEventListener("controllerchange", () => resolve(), { once: true });
  navigator.serviceWorker.getRegistration().then(found => found.update());
})"""
FONT = "getComputedStyle(document.body).fontFamily"


@pytest.fixture
def front(home: Home) -> Iterator[Front]:
    with before(home.url) as front:
        yield front


@pytest.fixture
def page(chromium: Browser, home: Home, front: Front) -> Iterator[Page]:
    """The library as it is seen through what stands before it."""
    context = chromium.new_context(storage_state=home.state, viewport={"width": 390, "height": 844})
    yield opened(context, front.url)
    context.close()


def test_a_save_waits_while_the_server_is_away(page: Page, front: Front, home: Home) -> None:
    front.is_away = True
    save(page, "https://example.com/restart1")
    expect(message(page)).to_contain_text("kept on this device")
    expect(page.locator(WAITING)).to_contain_text(["restart1"])
    front.is_away = False
    page.reload()
    expect(page.locator(".link").first).to_contain_text("restart1")
    assert found(home, "https://example.com/restart1") == 1


def test_of_an_act_without_an_answer_it_is_said_that_it_is_not_known(page: Page, front: Front) -> None:
    front.is_away = True
    page.keyboard.press("j")
    page.keyboard.press("#")
    expect(message(page)).to_contain_text("This may have been done or not")


def test_a_search_says_that_the_server_is_away(page: Page, front: Front) -> None:
    front.is_away = True
    page.locator("#q").fill("number")
    expect(message(page)).to_contain_text("Linkhold cannot be reached")


def test_the_page_seen_last_is_shown_while_the_server_is_away(page: Page, front: Front) -> None:
    front.is_away = True
    page.reload()
    expect(page.get_by_text("This is what you saw last")).to_be_visible()
    expect(page.locator(".link").first).to_contain_text("Number 70.")
    front.is_away = False
    expect(page.get_by_text("This is what you saw last")).to_be_hidden()


def test_a_page_that_is_not_on_the_device_says_that_the_server_is_being_started(
    page: Page, front: Front
) -> None:
    front.is_away = True
    page.goto(f"{front.url}/account")
    expect(page.get_by_role("heading", name="Back in a moment")).to_be_visible()


def test_what_an_app_shares_while_the_server_is_away_is_kept_and_that_is_shown(
    page: Page, front: Front
) -> None:
    front.is_away = True
    shared = page.context.new_page()
    share(shared, front.url, "https://example.com/restart2")
    expect(shared.get_by_role("heading", name="Kept on this device")).to_be_visible()
    expect(shared.locator("#kept")).to_contain_text("restart2")


def test_what_is_seen_last_after_an_update_has_its_style(page: Page, front: Front) -> None:
    font = page.evaluate(FONT)
    front.mark = "0" * 12
    page.evaluate(UPDATE)
    page.context.set_offline(offline=True)
    page.goto(front.url)
    expect(page.get_by_text("This is what you saw last")).to_be_visible()
    # By the font alone it would not be seen: for a while browsers keep the old style of their own accord.
    expect(page.locator(STYLE)).to_be_attached()
    assert page.evaluate(FONT) == font


def test_an_act_after_an_update_shows_the_page_with_its_own_style(page: Page, front: Front) -> None:
    front.mark = "0" * 12
    save(page, "https://example.com/restart3")
    expect(page.locator(STYLE)).to_be_attached()
    expect(message(page)).to_contain_text("Saved: https://example.com/restart3")
