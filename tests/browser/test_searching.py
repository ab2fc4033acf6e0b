"""Searching: while one types, back and forward, and without a network."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page, expect

from browser.acts import NO_NETWORK, go_offline, message
from browser.house import Home

Open = Callable[..., Page]


def test_without_a_network_a_search_says_so(open_page: Open) -> None:
    page = open_page(expects=NO_NETWORK)
    go_offline(page)
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


def test_going_back_shows_the_search_before(open_page: Open, home: Home) -> None:
    page = open_page()
    page.locator("#q").fill("70")
    page.keyboard.press("Enter")
    expect(page.locator(".link")).to_have_count(1)
    page.go_back()
    expect(page.locator(".link").nth(49)).to_be_attached()
    expect(page.locator("#q")).to_have_value("")
    expect(page).to_have_url(f"{home.url}/")
