"""A library that is lived in with nothing but a thumb, on a phone."""

from __future__ import annotations

import itertools
from collections.abc import Callable

from playwright.sync_api import Browser, Page, expect

from browser.acts import PHONE, WAITING, found, go_offline, message, opened, title
from browser.house import Home
from pages import PAGES

Open = Callable[..., Page]


def pick(page: Page, number: int) -> None:
    page.locator("label.pick").nth(number).tap()


def test_by_thumb_a_link_is_saved_edited_and_found(open_page: Open, home: Home) -> None:
    page = open_page(**PHONE)
    page.get_by_label("Save a link").tap()
    page.keyboard.type("https://thumb.example/")
    page.get_by_role("button", name="Save").tap()
    expect(message(page)).to_contain_text("Saved: https://thumb.example/")
    page.get_by_role("link", name="More about: https://thumb.example/").tap()
    page.get_by_role("link", name="Edit", exact=True).tap()
    page.get_by_label("Title").fill("By thumb")
    page.get_by_role("button", name="Save", exact=True).tap()
    expect(page.get_by_role("heading", name="By thumb")).to_be_visible()
    page.goto(home.url)
    page.get_by_label("Search", exact=True).tap()
    page.keyboard.type("thumb")
    expect(page.locator(".link")).to_have_count(1)
    page.locator(".chips a").first.tap()
    expect(title(page, "Number 70.")).to_be_visible()


def test_by_thumb_several_are_trashed_and_that_is_undone(open_page: Open) -> None:
    page = open_page(**PHONE)
    pick(page, 0)
    pick(page, 1)
    bar = page.locator("#many")
    expect(bar.locator("output")).to_have_text("2 selected")
    bar.get_by_role("button", name="Trash", exact=True).tap()
    expect(message(page)).to_contain_text("2 links")
    expect(title(page, "Number 70.")).to_have_count(0)
    message(page).get_by_role("button", name="Undo").tap()
    expect(title(page, "Number 70.")).to_be_visible()


def test_by_thumb_a_range_is_selected_by_its_two_ends(open_page: Open) -> None:
    page = open_page(**PHONE)
    bar = page.locator("#many")
    pick(page, 1)
    page.get_by_label("Range").tap()
    expect(bar.locator("output")).to_have_text("Up to which one?")
    pick(page, 5)
    expect(bar.locator("output")).to_have_text("5 selected")
    pick(page, 7)
    expect(bar.locator("output")).to_have_text("6 selected")
    bar.get_by_role("button", name="Archive", exact=True).tap()
    expect(message(page)).to_contain_text("6 links")
    message(page).get_by_role("button", name="Undo").tap()
    expect(message(page)).to_contain_text("Undid: archived: 6 links")


def test_by_thumb_a_link_goes_to_the_trash_and_comes_out_of_it(open_page: Open, home: Home) -> None:
    page = open_page(**PHONE)
    pick(page, 0)
    page.locator("#many").get_by_role("button", name="Trash", exact=True).tap()
    expect(title(page, "Number 70.")).to_have_count(0)
    page.get_by_role("button", name="Menu").tap()
    page.get_by_role("navigation", name="Main").get_by_role("link", name="Trash").tap()
    pick(page, 0)
    page.locator("#many").get_by_role("button", name="Restore").tap()
    expect(message(page)).to_contain_text("Restored: Number 70.")
    page.goto(home.url)
    expect(title(page, "Number 70.")).to_be_visible()


def test_with_a_thumb_nothing_is_out_of_reach(open_page: Open, home: Home) -> None:
    wide = home.save("https://a.example/" + "x" * 300, title="W" * 120, tags=["y" * 100, "z"], unread=True)
    page = open_page(**PHONE)
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


def test_by_thumb_a_save_waits_and_is_done(chromium: Browser, home: Home) -> None:
    context = chromium.new_context(storage_state=home.state, **PHONE)  # type: ignore[arg-type]
    page = opened(context, home.url)
    go_offline(page)
    page.get_by_label("Save a link").tap()
    page.keyboard.type("https://example.com/thumb1")
    page.get_by_role("button", name="Save", exact=True).tap()
    expect(page.locator(WAITING)).to_contain_text(["thumb1"])
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    context.set_offline(False)
    expect(page.locator(".link").first).to_contain_text("thumb1")
    assert found(home, "https://example.com/thumb1") == 1
    context.close()
