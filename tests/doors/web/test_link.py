"""One link as a page: read, trashed, restored, and its history undone, without any script."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from linkhold.accounts.models import Account
from linkhold.links.models import Link

Make = Callable[..., Link]


Fresh = Callable[[Link], Link]


def test_the_page_of_a_link_has_all_of_it(browser: FlaskClient, account: Account, make_link: Make) -> None:
    link = make_link(
        account,
        "https://a.example/x",
        title="A title",
        description="About it.",
        notes="# Head\n\n**bold** https://b.example <b>no</b>",
        tags=["a/b"],
        shared=True,
    )
    page = browser.get(f"/link/{link.id}").text
    for part in ("A title", "About it.", "<strong>bold</strong>", "a/b", "shared", "Added"):
        assert part in page
    assert '<a href="https://b.example" rel="noreferrer noopener">' in page
    assert "&lt;b&gt;no&lt;/b&gt;" in page


@pytest.mark.parametrize(
    "notes",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "[x](javascript:alert(1))",
        "[x](data:text/html;base64,PHNjcmlwdD4=)",
        "[x](vbscript:x)",
        "[x](  JaVaScRiPt:alert(1))",
        "[x](java\tscript:alert(1))",
        "<javascript:alert(1)>",
        "![x](https://evil.example/pixel.png)",
        '[x](https://a.example "onmouseover=alert(1)")',
        "<style>*{display:none}</style>",
        "<iframe src=//evil.example>",
        "&lt;script&gt;",
        "[x]: javascript:alert(1)\n\n[x]",
    ],
)
def test_notes_are_harmless(browser: FlaskClient, account: Account, make_link: Make, notes: str) -> None:
    link = make_link(account, notes=notes)
    page = browser.get(f"/link/{link.id}").text
    shown = page.partition('<div class="prose" dir="auto">')[2].partition("</div>")[0].lower()
    for danger in ("<script", "<img", "<style", "<iframe", 'href="j', 'href="d', 'href="v'):
        assert danger not in shown
    assert not re.search(r"<[^>]* on\w+=", shown)


@pytest.mark.parametrize(
    ("value", "field", "became"),
    [("unread", "unread", True), ("archive", "archived", True), ("share", "shared", True)],
)
def test_a_state_is_set_by_one_button(
    browser: FlaskClient,
    fresh: Fresh,
    account: Account,
    make_link: Make,
    value: str,
    field: str,
    became: bool,
) -> None:
    link = make_link(account)
    page = browser.post(
        f"/link/{link.id}/set", data={"set": value, "back": f"/link/{link.id}"}, follow_redirects=True
    )
    assert page.request.path == f"/link/{link.id}"
    link = fresh(link)
    assert getattr(link, field) is became


def test_a_state_that_there_is_not_is_refused(
    browser: FlaskClient, account: Account, make_link: Make
) -> None:
    link = make_link(account)
    assert browser.post(f"/link/{link.id}/set", data={"set": "sold"}).status_code == 400


def test_a_trashed_link_can_be_brought_back_from_the_message(
    browser: FlaskClient, account: Account, make_link: Make
) -> None:
    link = make_link(account, title="Wanted")
    page = browser.post(f"/link/{link.id}/trash", data={"back": "/"}, follow_redirects=True).text
    assert "Moved to the trash" in page
    assert "Nothing here yet" in page
    assert "Wanted" in browser.get("/trash").text
    [undo] = re.findall(r'action="(/link/\d+/undo/\d+)"', page)
    back = browser.post(undo, data={"back": "/"}, follow_redirects=True).text
    assert "Undone: taken out of the trash" in back
    assert "Nothing here yet" not in back


def test_a_link_in_the_trash_is_restored_before_it_is_edited(
    browser: FlaskClient, account: Account, make_link: Make
) -> None:
    link = make_link(account)
    browser.post(f"/link/{link.id}/trash")
    page = browser.get(f"/link/{link.id}").text
    assert "in the trash since" in page
    assert f"/link/{link.id}/edit" not in page
    assert browser.post(f"/link/{link.id}/edit", data={"title": "x"}).status_code == 409
    answer = browser.post(f"/link/{link.id}/restore", data={"back": "/trash"}, follow_redirects=True)
    assert "Restored" in answer.text


def test_any_change_of_the_history_can_be_undone(
    browser: FlaskClient, fresh: Fresh, account: Account, make_link: Make
) -> None:
    link = make_link(account)
    for value in ("unread", "archive", "share"):
        browser.post(f"/link/{link.id}/set", data={"set": value})
    page = browser.get(f"/link/{link.id}").text
    undos = re.findall(r'action="(/link/\d+/undo/\d+)".*?aria-label="Undo: ([^"]+)"', page, re.DOTALL)
    assert [told for _, told in undos] == ["shared", "archived", "marked unread", "added"]
    browser.post(undos[1][0], data={"back": "/"})
    link = fresh(link)
    assert (link.unread, link.archived, link.shared) == (True, False, True)
    # The link has become more than what was added.
    answer = browser.post(undos[3][0])
    assert (answer.status_code, "It was changed since" in answer.text) == (409, True)


def test_a_long_history_is_read_page_by_page(browser: FlaskClient, account: Account, make_link: Make) -> None:
    link = make_link(account)
    for number in range(55):
        browser.post(f"/link/{link.id}/edit", data={"title": f"Title {number}", "url": link.url})
    first = browser.get(f"/link/{link.id}").text
    [earlier] = re.findall(r'rel="next" href="([^"]+)"', first)
    assert first.count('aria-label="Undo: ') == 50
    assert browser.get(earlier).text.count('aria-label="Undo: ') == 6
    for odd in ("0", "-1", "x", "9" * 30):
        assert browser.get(f"/link/{link.id}?before={odd}").status_code == 200


PATHS = ["", "/edit"]


ACTS = ["edit", "set", "trash", "restore", "undo/1"]


def test_anothers_link_is_a_page_that_is_not_there(
    browser: FlaskClient, make_account: Callable[..., Account], make_link: Make
) -> None:
    for number in (make_link(make_account(), title="Secret").id, 10**17):
        answers = [browser.get(f"/link/{number}{path}") for path in PATHS]
        form = {"set": "archive", "title": "x", "url": "https://a.example/"}
        answers += [browser.post(f"/link/{number}/{act}", data=form) for act in ACTS]
        for answer in answers:
            assert (answer.status_code, answer.mimetype) == (404, "text/html")
            assert "Secret" not in answer.text
