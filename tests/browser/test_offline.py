"""Without a network: saves wait on the device and are done once, and the pages seen last can be read."""

from __future__ import annotations

import urllib.parse
from pathlib import Path

from playwright.sync_api import Browser, BrowserContext, Page, Route, expect

from browser.acts import WAITING, create_account, found, go_offline, opened, save
from browser.house import Home, served
from patience import until


def test_a_save_without_a_network_waits_and_is_done_when_there_is_one(
    library: Page, context: BrowserContext, home: Home
) -> None:
    url = "https://example.com/underground1"
    context.set_offline(offline=True)
    save(library, url)
    expect(library.locator(WAITING)).to_contain_text([url])
    expect(library.get_by_role("button", name="Mend")).to_be_hidden()
    expect(library.locator("#message")).to_contain_text("kept on this device")
    expect(library.get_by_label("Save a link")).to_have_value("")
    assert found(home, url) == 0
    context.set_offline(offline=False)
    expect(library.locator(WAITING)).to_have_count(0)
    expect(library.locator(".link").first).to_contain_text("underground1")
    assert found(home, url) == 1


def test_what_waits_outlives_the_tab(library: Page, context: BrowserContext, home: Home) -> None:
    url = "https://example.com/underground2"
    context.set_offline(offline=True)
    save(library, url)
    expect(library.locator(WAITING)).to_have_count(1)
    library.close()
    context.set_offline(offline=False)
    page = context.new_page()
    page.goto(home.url)
    expect(page.locator(".link").first).to_contain_text("underground2")
    expect(page.locator(WAITING)).to_have_count(0)
    assert found(home, url) == 1


def test_a_save_whose_answer_was_lost_is_not_done_twice(library: Page, home: Home) -> None:
    url = "https://example.com/underground3"

    def lose(route: Route) -> None:
        if route.request.method == "POST":
            route.fetch()
            route.abort()
        else:
            route.continue_()

    library.route(home.url + "/", lose)
    save(library, url)
    expect(library.locator(WAITING)).to_have_count(1)
    [link] = home.call("GET", "/links?q=url:underground3")["links"]
    home.call("POST", "/links/bulk", {"action": "trash", "ids": [link["id"]]})
    library.unroute(home.url + "/")
    with library.expect_response(lambda answer: answer.request.method == "POST"):
        library.reload()
    expect(library.locator(WAITING)).to_have_count(0)
    trashed = home.call("GET", "/links?q=url:underground3+is:trashed")["links"]
    assert [each["id"] for each in trashed] == [link["id"]], "a second save would have brought it back"


def test_of_two_tabs_one_sends_what_waits(library: Page, context: BrowserContext, home: Home) -> None:
    other = opened(context, home.url)
    context.set_offline(offline=True)
    for number in range(5):
        save(library, f"https://example.com/both{number}")
        expect(library.locator(WAITING)).to_have_count(number + 1)
    sent: list[str] = []
    context.on("request", lambda each: sent.append(each.method) if each.method == "POST" else None)
    context.set_offline(offline=False)
    expect(library.locator(WAITING)).to_have_count(0)
    other.bring_to_front()
    expect(other.locator(".link").first).to_be_visible()
    assert all(found(home, f"https://example.com/both{number}") == 1 for number in range(5))
    assert len(sent) == 5


def test_a_server_that_was_away_gets_what_waited(chromium: Browser, tmp_path: Path) -> None:
    with served(tmp_path) as setup:
        address = urllib.parse.urlsplit(setup)
        context = chromium.new_context()
        page = context.new_page()
        create_account(page, setup)
        page.evaluate("navigator.serviceWorker.ready")
    save(page, "https://example.com/underground6")
    expect(page.locator(WAITING)).to_have_count(1)
    with served(tmp_path, port=address.port or 0, prints="http"):
        page.reload()
        expect(page.locator(".link").first).to_contain_text("underground6")
        expect(page.locator(WAITING)).to_have_count(0)
        context.close()


def test_a_save_that_the_server_fails_at_holds_up_no_other(
    library: Page, context: BrowserContext, home: Home
) -> None:
    def fail(route: Route) -> None:
        if "fails1" in (route.request.post_data or ""):
            route.fulfill(status=500, body="")
        else:
            route.continue_()

    go_offline(library)
    for number, name in enumerate(("fails1", "works1"), start=1):
        save(library, f"https://example.com/{name}")
        expect(library.locator(WAITING)).to_have_count(number)
    library.route(f"{home.url}/", fail)
    context.set_offline(offline=False)
    expect(library.locator(WAITING)).to_have_count(1)
    expect(library.locator(WAITING)).to_contain_text("fails1")
    assert found(home, "https://example.com/works1") == 1
    library.unroute(f"{home.url}/")
    library.reload()
    # Right after it nothing is shown to wait yet.
    until(lambda: found(home, "https://example.com/fails1") == 1)
    expect(library.locator(WAITING)).to_have_count(0)


def test_the_browser_is_asked_to_hold_on_to_what_waits(library: Page) -> None:
    library.evaluate("() => { navigator.storage.persist = async () => { window.asked = true; }; }")
    go_offline(library)
    save(library, "https://example.com/underground9")
    expect(library.locator(WAITING)).to_have_count(1)
    assert library.evaluate("window.asked")
