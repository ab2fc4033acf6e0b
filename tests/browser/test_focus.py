"""Every page walked by Tab: the focus goes through it in its order, and is always seen."""

from __future__ import annotations

import itertools
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from browser.house import Home
from pages import OTHERS, PAGES

# As far as it says something: a list goes on as it begins.
STEPS = 90
LOOK = """() => {
  const here = document.activeElement;
  if (!here || here === document.body) return null;
  const before = window.walked;
  window.walked = here;
  const style = getComputedStyle(here);
  const around = getComputedStyle(here.closest("label, .together, .search, .add") ?? here);
  const outlined = (each) => each.outlineStyle !== "none" && parseFloat(each.outlineWidth) > 0;
  const box = here.getBoundingClientRect();
  return {
    name: here.outerHTML.slice(0, 120),
    forward: !before || !!(before.compareDocumentPosition(here) & Node.DOCUMENT_POSITION_FOLLOWING),
    seen: outlined(style) || outlined(around) || (here.matches("input[type=checkbox]") && outlined(getComputedStyle(here.parentElement))),
    there: box.width > 0 && box.height > 0 && box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth,
  };
}"""  # noqa: E501


def steps(page: Page) -> list[dict[str, Any]]:
    """Go on by Tab until the page ends."""
    found = []
    for _ in range(STEPS):
        page.keyboard.press("Tab")
        step = page.evaluate(LOOK)
        if step is None:
            break
        found.append(step)
    return found


@pytest.mark.parametrize("width", [1440, 390])
def test_the_focus_goes_through_every_page_in_order_and_is_seen(
    chromium: Browser, home: Home, width: int
) -> None:
    link = home.save(
        "https://known.example/", title="Known", notes="[two](https://two.example/)", tags=["a/b"]
    )
    trashed = home.save("https://trashed.example/")
    home.call("POST", "/links/bulk", {"action": "trash", "ids": [trashed]})
    context = chromium.new_context(storage_state=home.state, viewport={"width": width, "height": 900})
    context.add_init_script("document.documentElement.style.scrollBehavior = 'auto'")
    wrong = []
    for path in (*itertools.chain(*PAGES.values()), *OTHERS):
        page = context.new_page()
        page.goto(home.url + path.format(link=link, trashed=trashed))
        # A field with the autofocus gets it with the first picture.
        page.evaluate("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")
        walked = steps(page)
        # A field that is to be filled in first may have the focus at once: the walk begins there.
        assert walked, path
        wrong += [
            (path, what, step["name"])
            for step in walked
            for what in ("forward", "seen", "there")
            if not step[what]
        ]
        page.close()
    context.close()
    assert not wrong, "\n".join(map(str, wrong))
