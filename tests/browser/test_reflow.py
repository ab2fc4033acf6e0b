"""Every page on the narrowest screen (WCAG 2.2, 1.4.10), in both languages; what a thumb hits on a list."""

from __future__ import annotations

import itertools
from collections.abc import Callable

import pytest
from playwright.sync_api import Browser, Page, expect

from browser.house import Home
from pages import OTHERS, PAGES

NARROW = {"viewport": {"width": 320, "height": 700}, "has_touch": True, "is_mobile": True}
LONG = "averyverylongwordwithoutanybreak" * 4
HIT = """element => {
  const box = element.getBoundingClientRect();
  const hit = document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2 + 16);
  return element.contains(hit);
}"""
WIDER = """() => [...document.querySelectorAll("body *")]
  .filter(each => each.getBoundingClientRect().right > innerWidth + 1)
  .map(each => each.outerHTML.slice(0, 90)).slice(0, 3)"""


@pytest.mark.parametrize("language", ["en", "de"])
def test_no_page_is_wider_than_the_narrowest_screen(chromium: Browser, home: Home, language: str) -> None:
    ids = {
        "link": home.save(f"https://long.example/{LONG}", title=LONG, tags=[LONG, f"a/{LONG}"], notes=LONG)
    }
    ids["trashed"] = home.save("https://trashed.example/")
    home.call("POST", "/links/bulk", {"action": "trash", "ids": [ids["trashed"]]})
    home.save("https://twin.example/x")
    home.save(f"http://www.twin.example/x/#{LONG}")
    context = chromium.new_context(storage_state=home.state, locale=language, **NARROW)  # type: ignore[arg-type]
    page, wide = context.new_page(), []
    for path in (*itertools.chain(*PAGES.values()), *OTHERS, f"/tags?tag={LONG}", "/nothing"):
        page.goto(home.url + path.format(**ids))
        page.evaluate("document.querySelectorAll('main details').forEach(each => each.open = true)")
        if page.evaluate("document.documentElement.scrollWidth") > 320:
            wide.append((path, page.evaluate(WIDER)))
    context.close()
    assert wide == []


def test_a_tag_of_a_list_is_hit_by_a_thumb_that_misses_it_a_little(open_page: Callable[..., Page]) -> None:
    page = open_page(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    row = page.locator(".link").first
    assert row.locator(".tag").evaluate(HIT)
    assert row.locator(".site").evaluate(HIT)
    row.locator(".tag").tap()
    expect(page.locator(".chips")).to_contain_text("#numbers")


def test_what_was_kept_is_told_once(open_page: Callable[..., Page], home: Home) -> None:
    page = open_page()
    page.goto(f"{home.url}/account")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("Your preferences are kept.")).to_be_visible()
    expect(page).to_have_url(f"{home.url}/account")
    page.reload()
    expect(page.get_by_text("Your preferences are kept.")).to_have_count(0)


def test_tags_are_found_while_one_types(open_page: Callable[..., Page], home: Home) -> None:
    home.save("https://tags.example/", tags=["alpine/Huts", "other"])
    page = open_page()
    page.goto(f"{home.url}/tags")
    page.get_by_label("Find a tag").press_sequentially("hut")
    expect(page.locator(".tags .line")).to_have_count(1)
    expect(page.locator(".tags .line")).to_contain_text("alpine/Huts")
    expect(page).to_have_url(f"{home.url}/tags?find=hut")
    page.get_by_label("Find a tag").fill("")
    expect(page.locator(".tags .line", has_text="other")).to_be_visible()


def test_where_one_is_and_the_way_out_are_seen_without_scrolling(
    open_page: Callable[..., Page], home: Home
) -> None:
    home.save("https://tags.example/", tags=[f"tag-{number}" for number in range(60)])
    page = open_page()
    for path in ("statistics", "account"):
        page.goto(f"{home.url}/{path}")
        expect(page.locator("#side [aria-current]")).to_be_in_viewport()
        expect(page.get_by_role("button", name="Log out", exact=True)).to_be_in_viewport()
