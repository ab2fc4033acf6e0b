"""Without a network: saves wait on the device and are done once, and the pages seen last can be read."""

from __future__ import annotations

import os
import subprocess
import urllib.parse
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Route, expect

from browser.conftest import COMMAND, Home, served
from browser.test_first_day import enter

WAITING = "#waiting li"


@pytest.fixture
def context(chromium: Browser, home: Home) -> Iterator[BrowserContext]:
    context = chromium.new_context(storage_state=home.state, viewport={"width": 390, "height": 844})
    yield context
    context.close()


@pytest.fixture
def library(context: BrowserContext, home: Home) -> Page:
    return opened(context, home)


def opened(context: BrowserContext, home: Home) -> Page:
    page = context.new_page()
    page.goto(home.url)
    page.evaluate("navigator.serviceWorker.ready")
    # What a worker takes over it sees from the next page on.
    page.reload()
    return page


def save(page: Page, url: str) -> None:
    page.get_by_label("Save a link").fill(url)
    page.get_by_role("button", name="Save", exact=True).click()


def found(home: Home, url: str) -> int:
    """Return how many links of the library have an address."""
    listed = home.call("GET", "/links?q=" + urllib.parse.quote(f"url:{url.rpartition('/')[2]}"))["links"]
    return sum(link["url"] == url for link in listed)


def test_a_save_without_a_network_waits_and_is_done_when_there_is_one(
    library: Page, context: BrowserContext, home: Home
) -> None:
    url = "https://example.com/underground1"
    context.set_offline(True)
    save(library, url)
    expect(library.locator(WAITING)).to_contain_text([url])
    expect(library.get_by_role("button", name="Mend")).to_be_hidden()
    expect(library.locator("#message")).to_contain_text("kept on this device")
    expect(library.get_by_label("Save a link")).to_have_value("")
    assert found(home, url) == 0
    context.set_offline(False)
    expect(library.locator(WAITING)).to_have_count(0)
    expect(library.locator(".link").first).to_contain_text("underground1")
    assert found(home, url) == 1


def test_what_waits_outlives_the_tab(library: Page, context: BrowserContext, home: Home) -> None:
    url = "https://example.com/underground2"
    context.set_offline(True)
    save(library, url)
    expect(library.locator(WAITING)).to_have_count(1)
    library.close()
    context.set_offline(False)
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
    library.reload()
    expect(library.locator(WAITING)).to_have_count(0)
    trashed = home.call("GET", "/links?q=url:underground3+is:trashed")["links"]
    assert [each["id"] for each in trashed] == [link["id"]], "a second save would have brought it back"


def test_of_two_tabs_one_sends_what_waits(library: Page, context: BrowserContext, home: Home) -> None:
    other = opened(context, home)
    context.set_offline(True)
    for number in range(5):
        save(library, f"https://example.com/both{number}")
        expect(library.locator(WAITING)).to_have_count(number + 1)
    sent: list[str] = []
    context.on("request", lambda each: sent.append(each.method) if each.method == "POST" else None)
    context.set_offline(False)
    expect(library.locator(WAITING)).to_have_count(0)
    other.bring_to_front()
    expect(other.locator(".link").first).to_be_visible()
    assert all(found(home, f"https://example.com/both{number}") == 1 for number in range(5))
    assert len(sent) == 5


def test_what_the_server_refuses_stays_with_the_reason(library: Page, context: BrowserContext) -> None:
    context.set_offline(True)
    save(library, "no link at all")
    expect(library.locator(WAITING)).to_have_count(1)
    context.set_offline(False)
    expect(library.locator(f"{WAITING} .fault")).to_contain_text("full address begins with")
    library.reload()
    library.get_by_role("button", name="Discard").click()
    library.get_by_role("button", name="Keep it").click()
    library.reload()
    expect(library.locator(WAITING)).to_have_count(1)
    library.get_by_role("button", name="Discard").click()
    library.get_by_role("dialog").get_by_role("button", name="Discard").click()
    expect(library.locator(WAITING)).to_have_count(0)
    library.reload()
    expect(library.locator(WAITING)).to_have_count(0)


def test_what_the_server_refused_is_mended(library: Page, context: BrowserContext, home: Home) -> None:
    context.set_offline(True)
    library.get_by_label("Save a link").fill("no link yet")
    library.get_by_text("Title and tags").click()
    library.get_by_label("Title", exact=True).fill("A title")
    library.get_by_role("button", name="Save", exact=True).click()
    expect(library.locator(WAITING)).to_have_count(1)
    context.set_offline(False)
    library.get_by_role("button", name="Mend").click()
    expect(library.get_by_label("Save a link")).to_be_focused()
    expect(library.get_by_label("Save a link")).to_have_value("no link yet")
    library.keyboard.press("Enter")
    expect(library.locator(".add .fault")).to_be_visible()
    expect(library.locator(WAITING)).to_have_count(1)  # it waits until it is saved
    library.get_by_label("Save a link").fill("https://example.com/underground7")
    library.keyboard.press("Enter")
    expect(library.locator("#message")).to_contain_text("Saved: A title")
    expect(library.locator(WAITING)).to_have_count(0)
    assert found(home, "https://example.com/underground7") == 1


def test_the_whole_form_waits_as_well_and_is_mended(
    library: Page, context: BrowserContext, home: Home
) -> None:
    library.goto(f"{home.url}/bookmarks/new?title=Kept&notes=All+of+it&unread")
    context.set_offline(True)
    library.get_by_label("Address").fill("no link either")
    library.get_by_role("button", name="Save", exact=True).click()
    expect(library.locator("#message")).to_contain_text("kept on this device")
    context.set_offline(False)
    library.goto(home.url)
    library.get_by_role("button", name="Mend").click()
    expect(library.get_by_label("Notes")).to_have_value("All of it")
    library.get_by_label("Address").fill("https://example.com/underground8")
    library.get_by_role("button", name="Save", exact=True).click()
    expect(library.locator("#message")).to_contain_text("Saved: Kept")
    expect(library.locator(WAITING)).to_have_count(0)
    [link] = home.call("GET", "/links?q=url:underground8")["links"]
    assert (link["title"], link["notes"], link["unread"]) == ("Kept", "All of it", True)


def share(page: Page, home: Home, text: str, policy: str = "") -> None:
    """Send what an app shares: a form that the browser itself sends, as a navigation."""
    page.set_content(
        f"""<meta name=referrer content="{policy}"><form method="post" action="{home.url}/share">
        <input name="title" value=""><input name="text" value="{text}"><input name="url" value=""></form>"""
    )
    page.evaluate("document.forms[0].submit()")


def test_what_an_app_shares_without_a_network_is_kept_and_saved(
    library: Page, context: BrowserContext, home: Home
) -> None:
    context.set_offline(True)
    shared = context.new_page()
    share(shared, home, "Look: https://example.com/underground9")
    expect(shared.get_by_role("heading", name="Kept on this device")).to_be_visible()
    expect(shared.locator("#kept")).to_contain_text("underground9")
    assert shared.url == f"{home.url}/kept", "loading it anew sends nothing"
    shared.reload()
    expect(shared.locator("#kept")).to_contain_text("underground9")
    assert found(home, "https://example.com/underground9") == 0
    shared.close()
    context.set_offline(False)
    library.reload()
    expect(library.locator(".link").first).to_contain_text("Look")
    expect(library.locator(WAITING)).to_have_count(0)
    assert found(home, "https://example.com/underground9") == 1


def test_the_page_that_says_so_sends_it_itself(library: Page, context: BrowserContext, home: Home) -> None:
    library.close()
    context.set_offline(True)
    page = context.new_page()
    share(page, home, "only words, shared underground")
    expect(page.get_by_role("heading", name="Kept on this device")).to_be_visible()
    context.set_offline(False)
    expect(page.locator(".link").first).to_be_visible()
    page.goto(f"{home.url}/inbox")
    expect(page.get_by_text("only words, shared underground")).to_have_count(1)


def test_what_another_site_sends_is_not_kept(library: Page, context: BrowserContext, home: Home) -> None:
    """The server would refuse it; what the worker kept would come from the library itself."""
    for number, policy in enumerate(("unsafe-url", "no-referrer", "same-origin")):
        context.set_offline(False)
        page = context.new_page()
        page.route(
            "https://elsewhere.example/", lambda route: route.fulfill(body="<p>", content_type="text/html")
        )
        page.goto("https://elsewhere.example/")
        context.set_offline(True)
        share(page, home, f"https://example.com/evil{number}", policy)
        expect(page.get_by_role("heading", name="Kept on this device")).to_have_count(0)
        page.close()
    library.reload()
    expect(library.locator(".link").first).to_be_visible()
    expect(library.locator(WAITING)).to_have_count(0)


def test_a_save_waits_and_is_done_by_thumb_alone(chromium: Browser, home: Home) -> None:
    context = chromium.new_context(
        storage_state=home.state, viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True
    )
    page = opened(context, home)
    context.set_offline(True)
    page.get_by_label("Save a link").tap()
    page.keyboard.type("https://example.com/thumb1")
    page.get_by_role("button", name="Save", exact=True).tap()
    expect(page.locator(WAITING)).to_contain_text(["thumb1"])
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    context.set_offline(False)
    expect(page.locator(".link").first).to_contain_text("thumb1")
    assert found(home, "https://example.com/thumb1") == 1
    context.close()


def test_a_save_waits_is_mended_and_done_by_the_keyboard_alone(
    library: Page, context: BrowserContext, home: Home
) -> None:
    keys = library.keyboard
    context.set_offline(True)
    for text in ("https://example.com/keys1", "nothing yet"):
        keys.press("n")
        keys.type(text)
        keys.press("Enter")
        expect(library.get_by_label("Save a link")).to_have_value("")
        keys.press("Escape")
    expect(library.locator(WAITING)).to_have_count(2)
    context.set_offline(False)
    expect(library.locator(WAITING)).to_have_count(1)
    enter(library, library.get_by_role("button", name="Mend"))
    expect(library.get_by_label("Save a link")).to_be_focused()
    keys.press("Control+a")
    keys.type("https://example.com/keys2")
    keys.press("Enter")
    expect(library.locator(WAITING)).to_have_count(0)
    assert [found(home, f"https://example.com/keys{number}") for number in (1, 2)] == [1, 1]


def test_what_waits_is_not_sent_for_somebody_else(chromium: Browser, home: Home) -> None:
    # What a worker fetches cannot be tampered with from here, so there is none.
    context = chromium.new_context(storage_state=home.state, service_workers="block")
    page = context.new_page()
    page.goto(home.url)
    context.set_offline(True)
    save(page, "https://example.com/underground4")
    expect(page.locator(WAITING)).to_have_count(1)
    context.route("**/*", somebody_else)
    page.close()
    context.set_offline(False)
    page = context.new_page()
    page.goto(home.url)
    expect(page.locator(".link").first).to_be_visible()
    expect(page.locator(WAITING)).to_have_count(0)
    assert found(home, "https://example.com/underground4") == 0
    context.unroute("**/*")
    page.reload()
    expect(page.locator(".link").first).to_contain_text("underground4")
    context.close()


def somebody_else(route: Route) -> None:
    """Answer the pages as if another account were logged in."""
    if route.request.resource_type != "document":
        route.continue_()
        return
    answer = route.fetch()
    text = answer.text().replace('name="account" content="', 'name="account" content="9')
    route.fulfill(response=answer, body=text)


def test_a_session_that_ended_meanwhile_loses_nothing(
    library: Page, context: BrowserContext, home: Home
) -> None:
    context.set_offline(True)
    save(library, "https://example.com/underground5")
    expect(library.locator(WAITING)).to_have_count(1)
    context.clear_cookies()
    context.set_offline(False)
    expect(library.locator("#message")).to_contain_text("once you are logged in")
    library.goto(home.url)
    library.get_by_label("Name").fill("ada")
    library.get_by_label("Password").fill("correct horse battery")
    library.get_by_role("button", name="Log in").click()
    expect(library.locator(".link").first).to_contain_text("underground5")


def test_the_pages_seen_last_can_be_read(library: Page, context: BrowserContext, home: Home) -> None:
    library.locator(".act.more").first.click()
    expect(library.get_by_role("heading", name="History")).to_be_visible()
    seen = library.url
    context.set_offline(True)
    library.goto(seen)
    expect(library.get_by_role("heading", name="History")).to_be_visible()
    expect(library.get_by_text("This is what you saw last")).to_be_visible()
    library.goto(home.url)
    expect(library.locator(".link").first).to_contain_text("Number 70.")
    library.goto(f"{home.url}/account")
    expect(library.get_by_role("heading", name="No network")).to_be_visible()


def test_who_logged_out_leaves_nothing_to_read(library: Page, context: BrowserContext, home: Home) -> None:
    """Log-out is not pressed: it would end the session that the other tests use."""
    context.clear_cookies()
    library.goto(home.url)
    expect(library.get_by_role("heading", name="Log in")).to_be_visible()
    context.set_offline(True)
    library.goto(home.url)
    expect(library.get_by_role("heading", name="No network")).to_be_visible()


def test_a_server_that_was_away_gets_what_waited(chromium: Browser, tmp_path: Path) -> None:
    with served(tmp_path) as setup:
        address = urllib.parse.urlsplit(setup)
        context = chromium.new_context()
        page = context.new_page()
        page.goto(setup)
        page.get_by_label("Name").fill("ada")
        page.get_by_label("Password").fill("correct horse battery")
        page.get_by_role("button", name="Create account").click()
        page.locator(".empty").wait_for()
        page.evaluate("navigator.serviceWorker.ready")
    save(page, "https://example.com/underground6")
    expect(page.locator(WAITING)).to_have_count(1)
    environment = {
        **os.environ,
        "LINKHOLD_DATA_DIR": str(tmp_path / "data"),
        "LINKHOLD_PORT": str(address.port),
    }
    server = subprocess.Popen(
        [COMMAND, "serve"], env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    try:
        next(line for line in server.stdout or () if "http" in line)
        page.reload()
        expect(page.locator(".link").first).to_contain_text("underground6")
        expect(page.locator(WAITING)).to_have_count(0)
    finally:
        server.terminate()
        server.communicate(timeout=20)
        context.close()
