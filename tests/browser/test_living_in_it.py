"""A library that is lived in, in a real browser with scripts: by keyboard, by mouse, by thumb."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable
from typing import TYPE_CHECKING

from playwright.sync_api import Browser, Dialog, Locator, Page, expect

from browser.test_accessibility import PAGES

if TYPE_CHECKING:
    from browser.conftest import Home

Open = Callable[..., Page]
LINKS = 70


def titles(page: Page) -> list[str]:
    return page.locator(".link .title").all_inner_texts()


def title(page: Page, text: str) -> Locator:
    return page.get_by_role("link", name=text, exact=True)


def message(page: Page) -> Locator:
    return page.locator("#message")


def test_a_day_with_the_keyboard(open_page: Open) -> None:
    page = open_page()
    keys = page.keyboard
    keys.press("j")
    keys.press("j")
    expect(title(page, "Number 69.")).to_be_focused()
    keys.press("k")
    keys.press("x")
    keys.press("j")
    keys.press("x")
    expect(page.locator("#many output")).to_have_text("2 selected")
    keys.press("t")
    keys.type("new nu")
    expect(page.get_by_role("option")).to_have_text(re.compile("numbers"))
    keys.press("Escape")
    keys.press("Backspace")
    keys.press("Backspace")
    keys.press("Enter")
    expect(message(page)).to_contain_text("Added tag new: 2 links")
    expect(page.locator(".link .tag", has_text="new")).to_have_count(2)
    keys.press("u")
    expect(message(page)).to_contain_text("Undid: added tag new")
    expect(page.locator(".link .tag", has_text="new")).to_have_count(0)


def test_editing_in_its_place_with_the_keyboard(open_page: Open) -> None:
    page = open_page()
    keys = page.keyboard
    keys.press("j")
    keys.press("e")
    expect(page.locator(".link .edit input[name=title]")).to_be_focused()
    page.locator(".link .edit input[name=url]").fill("not a link")
    keys.press("Enter")
    expect(page.locator(".link .edit .fault")).to_contain_text("not a valid URL")
    page.get_by_role("link", name="Cancel").click()
    expect(page.locator(".edit")).to_have_count(0)
    keys.press("e")
    page.locator(".link .edit input[name=title]").fill("A better title")
    keys.press("Enter")
    expect(title(page, "A better title")).to_be_focused()
    keys.press("#")
    expect(message(page)).to_contain_text("Moved to the trash: A better title")
    expect(title(page, "Number 69.")).to_be_focused()
    keys.press("u")
    expect(title(page, "A better title")).to_be_visible()


def test_a_tag_is_added_behind_those_that_are_there(open_page: Open) -> None:
    page = open_page()
    keys = page.keyboard
    keys.press("j")
    keys.press("t")
    expect(page.locator(".link .edit input[name=tags]")).to_be_focused()
    keys.type("sea")
    keys.press("Enter")
    expect(message(page)).to_contain_text("Added tag sea")
    expect(message(page)).not_to_contain_text("emoved")
    keys.press("e")
    expect(page.locator(".link .edit input[name=title]")).to_be_focused()
    keys.type(" And more")
    keys.press("Enter")
    expect(title(page, "Number 70. And more")).to_be_focused()


def test_a_tag_is_added_on_the_page_of_a_link(open_page: Open, home: Home) -> None:
    saved = home.save("https://a.example/", title="A needle", tags=["hay"])
    page = open_page()
    keys = page.keyboard
    page.goto(f"{home.url}/link/{saved}")
    keys.press("t")
    expect(page.get_by_label("Tags, with spaces between")).to_be_focused()
    keys.type("sea")
    keys.press("Enter")
    expect(page.locator("article .tag")).to_have_text(["hay", "sea"])
    keys.press("e")
    expect(page.get_by_label("Title")).to_be_focused()
    keys.type(", found")
    keys.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("A needle, found")


def test_saving_with_the_keyboard_one_after_the_other(open_page: Open) -> None:
    page = open_page()
    keys = page.keyboard
    keys.press("n")
    keys.type("no link")
    keys.press("Enter")
    expect(page.locator(".add .fault")).to_contain_text("not a valid URL")
    expect(page.locator("#url")).to_be_focused()
    page.locator("#url").fill("Look at this https://wow.example/ wow")
    keys.press("Enter")
    expect(message(page)).to_contain_text("Saved: https://wow.example/")
    for name in ("one", "two"):
        page.locator("#url").fill("")
        keys.type(f"https://{name}.example/")
        keys.press("Enter")
        expect(message(page)).to_contain_text(f"Saved: https://{name}.example/")
        expect(page.locator("#url")).to_be_focused()
        expect(page.locator("#url")).to_have_value("")
    assert titles(page)[:2] == ["https://two.example/", "https://one.example/"]


def test_a_link_and_its_page_with_the_keyboard(open_page: Open, home: Home) -> None:
    saved = home.save(f"{home.url}/trash", title="Nearby", notes="# Notes")
    page = open_page()
    keys = page.keyboard
    keys.press("j")
    with page.context.expect_page() as opened:
        keys.press("o")
    expect(opened.value.get_by_role("heading", level=1)).to_be_visible()
    page.goto(f"{home.url}/link/{saved}")
    keys.press("#")
    expect(message(page)).to_contain_text("Moved to the trash: Nearby")
    expect(page.get_by_role("button", name="Restore")).to_be_visible()
    keys.press("u")
    expect(page.get_by_role("link", name="Edit")).to_be_visible()
    keys.press("e")
    expect(page.get_by_role("heading", level=1)).to_have_text("Edit")
    page.get_by_label("Address").fill("nothing")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_label("Address")).to_be_focused()
    page.get_by_label("Address").fill("https://better.example/")
    keys.press("Enter")
    expect(page.locator(".address")).to_have_text("https://better.example/")


def test_without_a_network_it_is_said_that_nothing_was_changed(open_page: Open) -> None:
    page = open_page()
    page.context.set_offline(offline=True)
    page.keyboard.press("j")
    page.keyboard.press("#")
    expect(message(page)).to_contain_text("cannot be reached. Nothing was changed")
    page.context.set_offline(offline=False)
    page.keyboard.press("#")
    expect(message(page)).to_contain_text("Moved to the trash")


def test_searching_and_going_about_with_the_keyboard(open_page: Open, home: Home) -> None:
    home.save("https://a.example/", title="A needle", tags=["hay/stack"], unread=True)
    page = open_page()
    keys = page.keyboard
    keys.press("/")
    keys.type("needl")
    expect(page.locator(".link")).to_have_count(1)
    expect(page.locator("mark")).to_have_text("needle")
    expect(page).to_have_url(f"{home.url}/?q=needl")
    page.locator("#q").fill("")
    keys.type("#sta")
    expect(page.locator("#q")).to_have_value("#sta")
    expect(page.get_by_role("option")).to_have_text(re.compile("#hay/stack"))
    keys.press("ArrowDown")
    keys.press("Enter")
    expect(page.locator("#q")).to_have_value("#hay/stack ")
    expect(page.locator(".link")).to_have_count(1)
    keys.press("Escape")
    for key, heading in (("t", "Tags"), ("s", "Statistics"), ("r", "Trash"), ("h", "History")):
        keys.press("g")
        keys.press(key)
        expect(page.get_by_role("heading", level=1)).to_have_text(heading)
    keys.press("?")
    expect(page.get_by_role("dialog")).to_be_visible()
    keys.press("Escape")
    expect(page.get_by_role("dialog")).to_be_hidden()


def test_without_a_network_a_search_says_so(open_page: Open) -> None:
    page = open_page()
    page.evaluate("navigator.serviceWorker.ready")
    page.context.set_offline(offline=True)
    page.keyboard.press("/")
    page.keyboard.type("needle")
    expect(message(page)).to_contain_text("Linkhold cannot be reached")


def test_the_step_back_from_a_search_leads_to_the_library(open_page: Open, home: Home) -> None:
    page = open_page()
    page.goto(f"{home.url}/statistics")
    page.goto(home.url)
    page.keyboard.press("/")
    page.keyboard.type("num", delay=200)
    expect(page).to_have_url(f"{home.url}/?q=num")
    page.go_back()
    expect(page).to_have_url(f"{home.url}/")
    expect(page.locator("#q")).to_have_value("")
    page.go_back()
    expect(page).to_have_url(f"{home.url}/statistics")


def test_a_key_takes_a_text_back_into_the_inbox(open_page: Open, home: Home) -> None:
    page = open_page()
    headers = {"Authorization": f"Bearer {home.token}"}
    page.request.post(f"{home.url}/save", data="Remember the milk", headers=headers)
    for button in ("Trash", "Save as a link"):
        page.goto(f"{home.url}/inbox")
        page.get_by_label("The address that belongs to it").fill("example.com/milk")
        page.get_by_role("button", name=button, exact=True).click()
        expect(message(page)).to_contain_text("Undo")
        expect(page.locator(".received")).to_have_count(0)
        page.keyboard.press("u")
        expect(page.locator(".received")).to_have_text("Remember the milk")
    page.goto(f"{home.url}/?q=milk")
    expect(page.get_by_text("Nothing found")).to_be_visible()


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


def write(page: Page, text: str) -> Locator:
    """Open the form of the link that one is at, and write into its title."""
    page.keyboard.press("e")
    field = page.locator(".link .edit input[name=title]")
    expect(field).to_be_focused()
    page.keyboard.type(text)
    return field


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
    paste = PASTE
    page.evaluate(paste, "no address at all")
    page.evaluate(paste, "https://pasted.example/x")
    expect(message(page)).to_contain_text("Saved: https://pasted.example/x")
    assert titles(page)[0] == "https://pasted.example/x"
    page.keyboard.press("u")
    expect(message(page)).to_contain_text("Undone")
    page.goto(page.url.rstrip("/") + "/tags")
    page.evaluate(paste, "https://pasted.example/y")
    expect(message(page)).to_contain_text("Saved: https://pasted.example/y")
    page.evaluate(PASTE, "Look: example.com/pasted")
    expect(message(page)).to_contain_text("Saved: Look")


def test_the_list_has_no_end_and_acts_far_down_move_nothing(open_page: Open) -> None:
    page = open_page()
    page.locator(".pages").scroll_into_view_if_needed()
    expect(page.locator(".link")).to_have_count(LINKS)
    row = page.locator(".link", has_text="Number 5.")
    row.scroll_into_view_if_needed()
    row.hover()
    row.get_by_role("button", name="Trash: ").click()
    expect(message(page)).to_contain_text("Number 5.")
    expect(page.locator(".link")).to_have_count(LINKS - 1)
    expect(title(page, "Number 6.")).to_be_in_viewport()
    message(page).get_by_role("button", name="Undo").click()
    expect(page.locator(".link")).to_have_count(LINKS)
    page.reload()
    expect(page.locator(".link")).to_have_count(LINKS)


def test_a_range_and_everything_found_are_selected_with_the_mouse(open_page: Open) -> None:
    page = open_page()
    boxes = page.locator("label.pick")
    boxes.nth(1).click()
    boxes.nth(4).click(modifiers=["Shift"])
    expect(page.locator("#many output")).to_have_text("4 selected")
    page.get_by_label("Everything found").check()
    expect(page.locator("#many output")).to_have_text("Everything")
    page.get_by_role("button", name="Archive", exact=True).click()
    expect(message(page)).to_contain_text(f"Archived: {LINKS} links")
    expect(page.get_by_text("Nothing here yet")).to_be_visible()
    message(page).get_by_role("button", name="Undo").click()
    expect(page.locator(".link").first).to_be_visible()


def test_going_back_shows_the_search_before(open_page: Open, home: Home) -> None:
    page = open_page()
    page.locator("#q").fill("70")
    page.keyboard.press("Enter")
    expect(page.locator(".link")).to_have_count(1)
    page.go_back()
    expect(page.locator(".link").nth(49)).to_be_attached()
    expect(page.locator("#q")).to_have_value("")
    expect(page).to_have_url(f"{home.url}/")


def test_with_a_thumb_nothing_is_out_of_reach(open_page: Open, home: Home) -> None:
    wide = home.save("https://a.example/" + "x" * 300, title="W" * 120, tags=["y" * 100, "z"], unread=True)
    page = open_page(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    opened = [paths for route, paths in PAGES.items() if route != "web.public_page"]  # nobody opened one
    for path in (*itertools.chain(*opened), "/tags?tag=z"):
        page.goto(home.url + path.format(link=wide, trashed=wide))
        assert page.evaluate("document.documentElement.scrollWidth") == 390, path
        for target in page.get_by_role("button").all():
            box = target.bounding_box()
            assert box is not None
            assert box["height"] >= 44, f"{path}: {target.inner_text()}"
            assert box["x"] + box["width"] <= 390
    page.goto(home.url)
    page.get_by_role("button", name="Menu").tap()
    menu = page.get_by_role("navigation", name="Main")
    for target in menu.get_by_role("link").all():
        box = target.bounding_box()
        assert box is not None
        assert box["height"] >= 44 or target.locator("xpath=ancestor::h2").count()
    menu.get_by_role("link", name="Unread").tap()
    expect(page.locator(".link")).to_have_count(1)
    page.locator("label.pick").tap()
    bar = page.locator("#many")
    expect(bar).to_be_in_viewport()
    bar.get_by_text("More").tap()
    bar.get_by_role("button", name="Share").tap()
    expect(message(page)).to_contain_text("Shared")
    expect(page.locator(".state.shared")).to_be_visible()


def test_without_scripts_the_same_is_done(open_page: Open) -> None:
    page = open_page(java_script_enabled=False)
    expect(page.locator(".link")).to_have_count(50)
    page.get_by_role("link", name="Older").click()
    expect(page.locator(".link")).to_have_count(LINKS - 50)
    page.locator("label.pick").nth(0).click()
    page.locator("label.pick").nth(1).click()
    page.locator("#many summary", has_text="Tag").click()
    page.get_by_label("Tags, with spaces between").last.fill("kept")
    page.get_by_role("button", name="Add").click()
    expect(message(page)).to_contain_text("Added tag kept: 2 links")
    expect(page.locator(".link")).to_have_count(LINKS - 50)
    message(page).get_by_role("button", name="Undo").click()
    expect(message(page)).to_contain_text("Undid: added tag kept")
    page.get_by_label("Search", exact=True).fill("title:70")
    page.keyboard.press("Enter")
    expect(page.locator(".link")).to_have_count(1)
    page.get_by_role("link", name="Edit: ").click()
    page.get_by_label("Title").fill("Seventy")
    page.get_by_label("Notes").fill("**bold**")
    page.get_by_role("button", name="Save").click()
    expect(message(page)).to_contain_text("Title from “Number 70.” to “Seventy”")
    page.goto(page.url.partition("/?")[0])
    page.get_by_role("link", name="More about: Seventy").click()
    expect(page.locator(".prose strong")).to_have_text("bold")
    page.get_by_role("button", name="Undo: title").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Number 70.")
