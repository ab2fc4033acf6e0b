"""The main ways through a library, in the engine of Safari and of every browser on an iPhone."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from browser import webdriver
from browser.webdriver import ENTER, Driven
from patience import until

MESSAGE = "#message p"
PASSWORD = "correct horse battery"


@pytest.fixture
def webkit() -> Iterator[Driven]:
    with webdriver.webkit() as driven:
        yield driven


def titles(webkit: Driven) -> list[str]:
    return webkit.shown(".link .title")


def test_a_day_in_webkit(webkit: Driven, setup_url: str) -> None:
    # The first account.
    webkit.open(setup_url)
    webkit.type("input[name=name]", "ada")
    webkit.type("input[name=password]", PASSWORD + ENTER)
    webkit.says(".empty h2", "Nothing here yet")

    # Saving, by the button and by the keyboard.
    webkit.type("#url", "https://one.example/")
    webkit.click(".add .together button")
    webkit.says(MESSAGE, "Saved: https://one.example/")
    webkit.type("#url", "https://two.example/" + ENTER)
    webkit.says(MESSAGE, "Saved: https://two.example/")
    assert titles(webkit) == ["https://two.example/", "https://one.example/"]
    webkit.type("#url", "no link" + ENTER)
    webkit.says(".add .fault", "not a valid URL")

    # Editing in its place.
    webkit.open(f"{setup_url.partition('/setup')[0]}/")
    webkit.type("body", "je")
    webkit.type(".link .edit input[name=title]", "A better title" + ENTER)
    webkit.until(".link .title", lambda texts: texts == ["A better title", "https://one.example/"])

    # Searching while one types.
    webkit.type("#q", "better")
    webkit.until(".link .title", lambda texts: texts == ["A better title"])
    # What "be" finds is the same: the last letters may still be on their way.
    until(lambda: webkit.address.endswith("/?q=better"))
    webkit.click(".chips a")
    webkit.until(".link .title", lambda texts: len(texts) == 2)

    # The trash, and the way back.
    webkit.type("body", "j#")
    webkit.says(MESSAGE, "Moved to the trash: A better title")
    webkit.until(".link .title", lambda texts: texts == ["https://one.example/"])
    webkit.click("#message button")
    webkit.says(MESSAGE, "taken out of the trash")
    webkit.until(".link .title", lambda texts: len(texts) == 2)

    # Out, and in again to where one was going.
    webkit.click(".foot form button")
    webkit.says("h1", "Log in")
    webkit.open(f"{setup_url.partition('/setup')[0]}/bookmarks/new?url=https://three.example/")
    webkit.says("h1", "Log in")
    webkit.type("input[name=name]", "ada")
    webkit.type("input[name=password]", PASSWORD + ENTER)
    webkit.says("h1", "Save a link")
    webkit.click("form.edit button")
    webkit.says(MESSAGE, "Saved: https://three.example/")


def test_a_narrow_window_in_webkit(webkit: Driven, setup_url: str) -> None:
    """The menu is a popover there."""
    webkit.open(setup_url)
    webkit.type("input[name=name]", "ada")
    webkit.type("input[name=password]", PASSWORD + ENTER)
    webkit.says(".empty h2", "Nothing here yet")
    webkit.call("POST", "/window/rect", width=500, height=850)
    webkit.type("#url", "https://one.example/" + ENTER)
    webkit.says(MESSAGE, "Saved: https://one.example/")
    width = webkit.call(
        "POST", "/execute/sync", script="return [document.documentElement.scrollWidth, innerWidth]", args=[]
    )
    assert width[0] <= width[1]
    webkit.click(".drawer")
    webkit.click("#side a[data-go=r]")
    webkit.says("h1", "Trash")
    webkit.open(f"{setup_url.partition('/setup')[0]}/")
    webkit.click(".pick")
    webkit.says("#many output", "1 selected")
