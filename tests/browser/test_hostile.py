"""What people and pages call things is an attack until shown otherwise: nothing of it ever runs."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable

import urllib3
from playwright.sync_api import Page, expect

from browser.house import Home
from pages import PAGES

Open = Callable[..., Page]
HOSTILE = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    '"><svg/onload=alert(1)>',
    "'-alert(1)-'",
    "{{7*7}}<%= 7*7 %>${7*7}",
    "</title><script>alert(1)</script>",
    "</textarea><script>alert(1)</script>",
    "<iframe srcdoc='<script>parent.alert(1)</script>'>",
    "[x](javascript:alert(1)) <javascript:alert(1)> ![x](https://evil.example/p.png)",
    "<a href=javascript:alert(1)>x</a>",
    "\u202etxt.exe",
    "<math><mtext></p><style><img title='</style><img src onerror=alert(1)>'>",
    "<template><script>alert(1)</script></template>",
    "<noscript><p title='</noscript><img src=x onerror=alert(1)>'>",
]
# Names are printable: what is not, is refused.
NAMES = [text for text in HOSTILE if text.isprintable()]
SCHEMES = (
    "javascript:alert(1)",
    "JaVaScRiPt:alert(1)",
    "data:text/html,<script>alert(1)</script>",
    "vbscript:x",
)


def authorized(home: Home) -> dict[str, str]:
    return {"Authorization": f"Bearer {home.token}"}


def save_all(home: Home) -> list[int]:
    """Save each hostile text as all that it can be, share it too, and return the links."""
    ids = []
    for number, text in enumerate(HOSTILE):
        tag = re.sub(r"[\s,/]", "-", text)
        url = f"https://evil.example/{number}?q={text}"
        ids.append(home.save(url, title=text, notes=text, description=text, tags=[tag]))
        shared = {"text": text, "title": text}
        urllib3.request("POST", f"{home.url}/save", json=shared, headers=authorized(home))
    for text in NAMES:
        home.call("POST", "/searches", {"name": text, "query": f"title:{text}"})
    home.call("POST", "/links/bulk", {"action": "edit", "ids": ids, "shared": True})
    home.call("POST", "/links/bulk", {"action": "trash", "ids": [ids[0]]})
    return ids


def name_everything(page: Page, home: Home) -> None:
    """Give a token, a feed and an invitation hostile names."""
    page.goto(f"{home.url}/account")
    page.locator("summary", has_text="A new token").click()
    page.get_by_label("Name, such as that of the program").fill(NAMES[0])
    page.get_by_role("button", name="Make the token").click()
    page.goto(f"{home.url}/feeds")
    opening = page.get_by_role("button", name="Open a public page")
    if opening.count():
        opening.click()
    page.get_by_label("Name").fill(NAMES[1])
    page.get_by_role("button", name="Make a feed").click()
    page.goto(f"{home.url}/admin")
    page.get_by_label("For whom; a note for you").fill(NAMES[2])
    page.get_by_role("button", name="Invite").click()


def test_nothing_that_was_saved_ever_runs(open_page: Open, home: Home) -> None:
    """A dialog, an error or a request to another host fails the test: see `open_page`."""
    ids = save_all(home)
    page = open_page()
    assert page.locator(".link .title").all_inner_texts()[0] == HOSTILE[-1]
    for _ in HOSTILE:
        page.keyboard.press("j")
    page.keyboard.press("e")
    expect(page.locator(".link .edit")).to_be_visible()
    page.keyboard.press("Escape")
    page.keyboard.press("/")
    page.keyboard.type("alert #")
    expect(page.get_by_role("option").first).to_be_visible()
    page.keyboard.press("Escape")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("q=alert"))
    name_everything(page, home)
    everywhere = [path.format(link=ids[-1], trashed=ids[0]) for path in itertools.chain(*PAGES.values())]
    for path in (*everywhere, *(f"/link/{link}" for link in ids)):
        answer = page.goto(home.url + path)
        assert answer is not None
        assert (
            page.locator("a:is([href^='javascript' i], [href^='data' i]):not(.bookmarklet)").count() == 0
        ), path
        assert page.locator("[onerror], [onload], [srcdoc]").count() == 0, path
        assert page.locator(".prose :is(script, img, svg, iframe, style)").count() == 0, path


def test_an_address_that_could_do_more_than_be_followed_is_refused(home: Home) -> None:
    for url in SCHEMES:
        answer = urllib3.request(
            "POST", f"{home.url}/api/v1/links", json={"url": url}, headers=authorized(home)
        )
        assert answer.status == 400, url
