"""What the server refuses of what waited stays on the device, until it is mended or thrown away."""

from __future__ import annotations

from playwright.sync_api import BrowserContext, Page, expect

from browser.acts import WAITING, enter, found, go_offline, message, save
from browser.house import Home


def test_what_the_server_refuses_stays_with_the_reason(library: Page, context: BrowserContext) -> None:
    context.set_offline(offline=True)
    save(library, "no link at all")
    expect(library.locator(WAITING)).to_have_count(1)
    context.set_offline(offline=False)
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
    # Another that waits shows that the page has looked.
    go_offline(library)
    save(library, "https://example.com/another")
    expect(library.locator(WAITING)).to_contain_text(["https://example.com/another"])


def test_what_the_server_refused_is_mended(library: Page, context: BrowserContext, home: Home) -> None:
    context.set_offline(offline=True)
    library.get_by_label("Save a link").fill("no link yet")
    library.get_by_text("Title and tags").click()
    library.get_by_label("Title", exact=True).fill("A title")
    library.get_by_role("button", name="Save", exact=True).click()
    expect(library.locator(WAITING)).to_have_count(1)
    context.set_offline(offline=False)
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
    context.set_offline(offline=True)
    library.get_by_label("Address").fill("no link either")
    library.get_by_role("button", name="Save", exact=True).click()
    expect(library.locator("#message")).to_contain_text("kept on this device")
    context.set_offline(offline=False)
    library.goto(home.url)
    library.get_by_role("button", name="Mend").click()
    expect(library.get_by_label("Notes")).to_have_value("All of it")
    library.get_by_label("Address").fill("https://example.com/underground8")
    library.get_by_role("button", name="Save", exact=True).click()
    expect(library.locator("#message")).to_contain_text("Saved: Kept")
    expect(library.locator(WAITING)).to_have_count(0)
    [link] = home.call("GET", "/links?q=url:underground8")["links"]
    assert (link["title"], link["notes"], link["unread"]) == ("Kept", "All of it", True)


def test_a_save_waits_is_mended_and_done_by_the_keyboard_alone(
    library: Page, context: BrowserContext, home: Home
) -> None:
    keys = library.keyboard
    context.set_offline(offline=True)
    for text in ("https://example.com/keys1", "nothing yet"):
        keys.press("n")
        keys.type(text)
        keys.press("Enter")
        expect(library.get_by_label("Save a link")).to_have_value("")
        keys.press("Escape")
    expect(library.locator(WAITING)).to_have_count(2)
    context.set_offline(offline=False)
    expect(library.locator(WAITING)).to_have_count(1)
    expect(message(library)).to_contain_text("saved that waited")
    enter(library, library.get_by_role("button", name="Mend"))
    expect(library.get_by_label("Save a link")).to_be_focused()
    keys.press("Control+a")
    keys.type("https://example.com/keys2")
    keys.press("Enter")
    expect(library.locator(WAITING)).to_have_count(0)
    assert [found(home, f"https://example.com/keys{number}") for number in (1, 2)] == [1, 1]


def test_a_page_that_renews_itself_leaves_one_at_what_one_mends(
    library: Page, context: BrowserContext, home: Home
) -> None:
    other = context.new_page()
    other.goto(home.url)
    context.set_offline(offline=True)
    save(library, "nothing yet")
    expect(library.locator(WAITING)).to_have_count(1)
    context.set_offline(offline=False)
    library.get_by_role("button", name="Mend").click()
    library.get_by_label("Title", exact=True).fill("In the making")
    library.get_by_label("Save a link").fill("https://example.com/mend")
    # Another tab saves what had waited there, and tells this one, whose list is another then.
    context.set_offline(offline=True)
    save(other, "https://example.com/elsewhere")
    context.set_offline(offline=False)
    expect(library.get_by_role("link", name="https://example.com/elsewhere").first).to_be_visible()
    expect(library.get_by_label("Save a link")).to_be_focused()
    expect(library.get_by_label("Title", exact=True)).to_have_value("In the making")
    expect(library.get_by_label("Title", exact=True)).to_be_visible()  # unfolded as it was
    library.keyboard.type("ed")
    library.keyboard.press("Enter")
    expect(message(library)).to_contain_text("Saved: In the making")
    expect(library.locator(WAITING)).to_have_count(0)
    assert found(home, "https://example.com/mended") == 1


def test_another_link_that_is_saved_in_its_place_takes_nothing_of_what_was_refused(
    library: Page, context: BrowserContext
) -> None:
    go_offline(library)
    save(library, "no link, but a thought")
    expect(library.locator(WAITING)).to_have_count(1)
    context.set_offline(offline=False)
    library.get_by_role("button", name="Mend").click()
    library.get_by_label("Save a link").fill("")
    save(library, "https://example.com/another")
    expect(message(library)).to_contain_text("Saved: https://example.com/another")
    expect(library.locator(WAITING)).to_contain_text(["no link, but a thought"])


def test_a_text_without_a_link_is_mended_on_the_page_where_it_was_typed(library: Page, home: Home) -> None:
    library.goto(f"{home.url}/start")
    save(library, "no link")
    expect(library.locator(".add .fault")).to_be_visible()
    expect(library.get_by_role("heading", name="The newest links")).to_be_visible()
    save(library, "https://example.com/mended")
    expect(message(library)).to_contain_text("Saved: https://example.com/mended")
    expect(library).to_have_url(f"{home.url}/start")
