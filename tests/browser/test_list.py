"""The list of links: without an end, selected by the mouse, and the same without scripts."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page, Route, expect

from browser.acts import NO_NETWORK, message, title
from browser.house import LINKS

Open = Callable[..., Page]


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


def test_an_act_is_told_though_the_rest_of_the_list_cannot_be_had(open_page: Open) -> None:
    # What a worker fetches cannot be tampered with from here, so there is none.
    page = open_page(expects=NO_NETWORK, service_workers="block")
    page.locator(".pages").scroll_into_view_if_needed()
    expect(page.locator(".link")).to_have_count(LINKS)
    page.route("**/?after=*", lambda route: route.abort())
    page.locator(".link", has_text="Number 5.").hover()
    page.get_by_role("button", name="Trash: Number 5.").click()
    expect(message(page)).to_contain_text("Moved to the trash: Number 5.")
    expect(page.locator(".link")).to_have_count(50)


def test_a_link_that_is_selected_during_an_act_stays_selected(open_page: Open) -> None:
    page = open_page()
    held: list[Route] = []
    page.route("**/trash", lambda route: held.append(route))  # noqa: PLW0108 - Playwright marks what it is given
    page.locator(".link").first.hover()
    with page.expect_request("**/trash"):
        page.get_by_role("button", name="Trash: Number 70.").click()
    page.locator("label.pick").nth(2).click()
    held[0].continue_()
    expect(message(page)).to_contain_text("Moved to the trash")
    expect(page.get_by_label("Select: Number 68.")).to_be_checked()
    expect(page.locator("#many output")).to_have_text("1 selected")


def test_what_was_unfolded_at_the_side_stays_so(open_page: Open) -> None:
    page = open_page()
    page.get_by_text("Ways in and out").click()
    page.locator(".link").first.hover()
    page.get_by_role("button", name="Trash: Number 70.").click()
    expect(message(page)).to_contain_text("Moved to the trash")
    expect(page.get_by_role("link", name="On your iPhone")).to_be_visible()
