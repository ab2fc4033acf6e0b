"""What was written and not saved is still there, whatever happened to its form."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Browser, Dialog, Locator, Page, expect

from browser.acts import go_offline, message, title
from browser.house import Home

Open = Callable[..., Page]


def write(page: Page, text: str) -> Locator:
    """Open the form of the link that one is at, and write into its title."""
    page.keyboard.press("e")
    field = page.locator(".link .edit input[name=title]")
    expect(field).to_be_focused()
    page.keyboard.type(text)
    return field


def test_a_log_in_that_ended_during_an_edit_takes_nothing_of_it(open_page: Open) -> None:
    page = open_page()
    page.keyboard.press("j")
    page.keyboard.press("e")
    expect(page.locator(".link .edit input[name=title]")).to_be_focused()
    page.keyboard.type(", and a long thought")
    cookies = page.context.cookies()
    page.context.clear_cookies()
    page.keyboard.press("Enter")
    expect(message(page)).to_contain_text("not logged in any more")
    with page.context.expect_page() as opened:
        message(page).get_by_role("link", name="Log in").click()
    expect(opened.value.get_by_role("heading", name="Log in")).to_be_visible()
    page.context.add_cookies(cookies)  # type: ignore[arg-type]  # as they were given
    page.locator(".link .edit input[name=title]").press("Enter")
    expect(title(page, "Number 70., and a long thought")).to_be_visible()


def test_what_was_written_is_there_when_the_form_is_opened_again(open_page: Open) -> None:
    page = open_page()
    keys = page.keyboard
    keys.press("j")
    write(page, ", a long thought")
    keys.press("Escape")
    expect(message(page)).to_contain_text("kept in this tab")
    field = write(page, "!")
    expect(message(page)).to_contain_text("here again")
    expect(field).to_have_value("Number 70., a long thought!")
    # Another form, a search that shows other links, and an act elsewhere take nothing of it.
    keys.press("Escape")
    keys.press("j")
    write(page, "")
    keys.press("Escape")
    keys.press("k")
    write(page, "")
    page.locator(".link", has_text="Number 68.").hover()
    page.get_by_role("button", name="Trash: Number 68.").click()
    expect(message(page)).to_contain_text("Moved to the trash")
    expect(field).to_have_value("Number 70., a long thought!")
    page.locator("#q").fill("12")
    expect(page.locator(".link")).to_have_count(1)
    page.locator("#q").fill("")
    expect(page.locator(".link").nth(10)).to_be_attached()
    keys.press("Escape")
    for _ in range(3):
        keys.press("k")
    expect(write(page, "")).to_have_value("Number 70., a long thought!")
    # Cancel means it.
    page.get_by_role("link", name="Cancel").click()
    expect(write(page, "")).to_have_value("Number 70.")


def test_leaving_a_page_with_a_form_that_was_written_in_is_asked_about(chromium: Browser, home: Home) -> None:
    asked: list[str] = []

    def agree(dialog: Dialog) -> None:
        asked.append(dialog.type)
        dialog.accept()

    context = chromium.new_context(storage_state=home.state)
    page = context.new_page()
    page.on("dialog", agree)
    page.goto(home.url)
    page.keyboard.press("j")
    write(page, "")
    page.reload()
    assert asked == [], "nothing was written"
    page.keyboard.press("j")
    write(page, ", a long thought")
    page.reload()
    assert asked == ["beforeunload"]
    page.keyboard.press("j")
    expect(write(page, "")).to_have_value("Number 70., a long thought")
    context.close()


def test_what_could_not_be_saved_is_there_when_the_page_was_loaded_anew(
    chromium: Browser, home: Home
) -> None:
    context = chromium.new_context(storage_state=home.state)
    page = context.new_page()
    page.on("dialog", lambda dialog: dialog.accept())
    page.goto(home.url)
    page.keyboard.press("j")
    write(page, ", a long thought")
    go_offline(page)
    page.keyboard.press("Enter")
    expect(message(page)).to_contain_text("cannot be reached")
    context.set_offline(offline=False)
    page.reload()
    page.keyboard.press("j")
    expect(write(page, "")).to_have_value("Number 70., a long thought")
    context.close()
