"""A phone is paired by what a desktop shows; and the account, as the one who has it sees it."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
import urllib3
from playwright.sync_api import Browser, Page, expect

from browser.acts import enter, reach
from browser.house import Home

Open = Callable[..., Page]
IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) Version/17.5 Mobile/15E148 Safari/604.1"


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without"])
def test_a_phone_is_paired(open_page: Open, chromium: Browser, home: Home, *, scripts: bool) -> None:
    desktop = open_page(java_script_enabled=scripts)
    desktop.goto(f"{home.url}/")
    desktop.get_by_text("Ways in and out").click()
    desktop.get_by_role("link", name="On your iPhone").click()
    desktop.get_by_role("button", name="Show a code to scan").click()
    expect(desktop.get_by_role("img", name="The code as a QR code")).to_be_visible()
    address = desktop.locator("pre.token").inner_text().strip()

    context = chromium.new_context(
        user_agent=IPHONE,
        viewport={"width": 390, "height": 844},
        has_touch=True,
        is_mobile=True,
        java_script_enabled=scripts,
    )
    phone = context.new_page()
    phone.goto(address)
    expect(phone.get_by_text("the library of ada")).to_be_visible()
    phone.get_by_label("A name for this phone").fill("Ada’s phone")
    phone.get_by_role("button", name="Connect").tap()
    expect(phone.get_by_role("heading", name="Ada’s phone is connected")).to_be_visible()
    header = phone.get_by_label("Text", exact=True).input_value()
    phone.reload()
    assert phone.get_by_label("Text", exact=True).input_value() == header, "it came back from another app"
    assert re.fullmatch(r"Bearer lh_\d+_\w+", header)
    # What the page says to enter in Shortcuts is what works.
    endpoint = phone.get_by_label("URL", exact=True).input_value()
    saved = urllib3.request(
        "POST", endpoint, json={"text": "Look: https://shared.example/"}, headers={"Authorization": header}
    )
    assert saved.status == 201, saved.data
    phone.get_by_role("link", name="Open your library").tap()
    expect(phone.get_by_role("link", name="Look", exact=True)).to_be_visible()
    assert phone.evaluate("document.documentElement.scrollWidth") == 390

    phone.goto(address)
    expect(phone.get_by_text("make a new one")).to_be_visible()
    desktop.goto(f"{home.url}/account")
    expect(desktop.get_by_text("Ada’s phone").first).to_be_visible()
    context.close()


def test_a_phone_is_paired_with_the_keyboard_alone(open_page: Open, chromium: Browser, home: Home) -> None:
    desktop = open_page()
    enter(desktop, desktop.locator("summary", has_text="Ways in and out"))
    enter(desktop, desktop.get_by_role("link", name="On your iPhone"))
    enter(desktop, desktop.get_by_role("button", name="Show a code to scan"))
    link = desktop.locator("pre.token a")
    expect(link).to_be_visible()
    context = chromium.new_context(user_agent=IPHONE, viewport={"width": 390, "height": 844})
    phone = context.new_page()
    phone.goto(link.inner_text())
    reach(phone, phone.get_by_label("A name for this phone"))
    phone.keyboard.press("Control+a")
    phone.keyboard.type("A phone with keys")
    phone.keyboard.press("Enter")
    expect(phone.get_by_role("heading", name="A phone with keys is connected")).to_be_visible()
    enter(phone, phone.get_by_role("link", name="Open your library"))
    expect(phone.locator(".link").first).to_be_visible()
    # The same without a code, on a phone that is logged in.
    phone.goto(f"{home.url}/phone")
    enter(phone, phone.get_by_role("button", name="Set up this phone"))
    expect(phone.get_by_role("heading", name="iPhone is connected")).to_be_visible()
    context.close()


def test_an_account_is_looked_after_with_the_keyboard(open_page: Open) -> None:
    page = open_page(color_scheme="light")
    page.wait_for_load_state()
    page.keyboard.type("gm")
    expect(page.get_by_role("heading", name="Preferences")).to_be_visible()
    light = page.evaluate("getComputedStyle(document.body).backgroundColor")
    page.get_by_label("Appearance").focus()
    page.keyboard.press("d")  # dark
    page.keyboard.press("Tab")
    page.keyboard.press("d")  # Deutsch
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Save").press("Enter")
    expect(page.get_by_role("heading", name="Einstellungen")).to_be_visible()
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") != light
    page.get_by_label("Aussehen").select_option("")
    page.get_by_label("Sprache").select_option("")
    page.get_by_role("button", name="Speichern").press("Enter")
    expect(page.get_by_role("heading", name="Preferences")).to_be_visible()

    page.locator("summary", has_text="A new token").press("Enter")
    page.get_by_label("Name, such as that of the program").fill("a script")
    page.get_by_role("button", name="Make the token").press("Enter")
    expect(page.locator("pre.token")).to_contain_text("lh_1_")
    expect(page.get_by_role("img", name=re.compile("QR code"))).to_be_visible()
    page.wait_for_load_state()
    page.keyboard.type("gm")
    page.get_by_role("button", name="Revoke the token a script").press("Enter")
    expect(page.get_by_role("heading", name="Tokens")).to_be_visible()
    expect(page.get_by_role("button", name="Revoke the token a script")).to_have_count(0)
