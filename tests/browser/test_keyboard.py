"""A library that is lived in by keyboard alone."""

from __future__ import annotations

import re
from collections.abc import Callable

from playwright.sync_api import Page, expect

from browser.acts import NO_NETWORK, REFUSED, go_offline, message, title, titles
from browser.house import Home

Open = Callable[..., Page]


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
    expect(page.get_by_role("option")).to_have_text([re.compile("numbers")])
    keys.press("Escape")
    keys.press("Backspace")
    keys.press("Backspace")
    keys.press("Enter")
    expect(message(page)).to_contain_text("Added tag new: 2 links")
    expect(page.locator(".link .tag", has_text="new")).to_have_count(2)
    expect(page.locator(".pick :checked")).to_have_count(0)
    keys.press("u")
    expect(message(page)).to_contain_text("Undid: added tag new")
    expect(page.locator(".link .tag", has_text="new")).to_have_count(0)


def test_editing_in_its_place_with_the_keyboard(open_page: Open) -> None:
    page = open_page(expects=REFUSED)
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
    page.wait_for_load_state()
    keys.type("sea")
    keys.press("Enter")
    expect(page.locator("article .tag")).to_have_text(["hay", "sea"])
    page.wait_for_load_state()
    keys.press("e")
    expect(page.get_by_label("Title")).to_be_focused()
    page.wait_for_load_state()
    keys.type(", found")
    keys.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("A needle, found")


def test_saving_with_the_keyboard_one_after_the_other(open_page: Open) -> None:
    page = open_page(expects=REFUSED)
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
    page = open_page(expects=REFUSED)
    keys = page.keyboard
    keys.press("j")
    with page.context.expect_page() as opened:
        keys.press("o")
    expect(opened.value.get_by_role("heading", level=1)).to_be_visible()
    page.goto(f"{home.url}/link/{saved}")
    keys.press("#")
    expect(message(page)).to_contain_text("Moved to the trash: Nearby")
    expect(page.get_by_role("button", name="Restore")).to_be_visible()
    page.wait_for_load_state()
    keys.press("u")
    expect(page.get_by_role("link", name="Edit")).to_be_visible()
    page.wait_for_load_state()
    keys.press("e")
    expect(page.get_by_role("heading", level=1)).to_have_text("Edit")
    page.get_by_label("Address").fill("nothing")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_label("Address")).to_be_focused()
    page.get_by_label("Address").fill("https://better.example/")
    keys.press("Enter")
    expect(page.locator(".address")).to_have_text("https://better.example/")


def test_without_a_network_it_is_said_that_an_act_got_no_answer(open_page: Open) -> None:
    page = open_page(expects=NO_NETWORK)
    go_offline(page)
    page.keyboard.press("j")
    page.keyboard.press("#")
    expect(message(page)).to_contain_text("cannot be reached. This may have been done or not")
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
    expect(page.locator("mark")).to_have_text(["needle"])
    expect(page).to_have_url(f"{home.url}/?q=needl")
    page.locator("#q").fill("")
    keys.type("#sta")
    expect(page.locator("#q")).to_have_value("#sta")
    # A list, not one element: until the last letter is answered, the completions of fewer letters are shown.
    expect(page.get_by_role("option")).to_have_text([re.compile("#hay/stack")])
    keys.press("ArrowDown")
    keys.press("Enter")
    expect(page.locator("#q")).to_have_value("#hay/stack ")
    expect(page.locator(".link")).to_have_count(1)
    keys.press("Escape")
    for key, heading in (("t", "Tags"), ("s", "Statistics"), ("r", "Trash"), ("h", "History")):
        keys.type(f"g{key}")
        expect(page.get_by_role("heading", level=1)).to_have_text(heading)
        # A page is seen before its scripts run, which hear the keys.
        page.wait_for_load_state()
    keys.press("?")
    expect(page.get_by_role("dialog")).to_be_visible()
    keys.press("Escape")
    expect(page.get_by_role("dialog")).to_be_hidden()


def test_completions_that_cannot_be_renewed_are_not_offered_any_longer(open_page: Open, home: Home) -> None:
    home.save("https://a.example/", tags=["hay"])
    page = open_page(expects=["503"])
    page.keyboard.press("/")
    page.keyboard.type("#h")
    expect(page.get_by_role("option", name="#hay")).to_be_visible()
    page.route("**/complete.json*", lambda route: route.fulfill(status=503))
    page.keyboard.type("x")
    expect(page.get_by_role("option")).to_have_count(0)


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
        page.wait_for_load_state()
        page.keyboard.press("u")
        expect(page.locator(".received")).to_have_text("Remember the milk")
    page.goto(f"{home.url}/?q=milk")
    expect(page.get_by_text("Nothing found")).to_be_visible()
