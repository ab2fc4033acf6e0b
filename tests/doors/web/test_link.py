"""One link as a page: read, edited, trashed, restored, and its history undone, without any script."""

from __future__ import annotations

import html
import re
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from linkhold.accounts.models import Account
from linkhold.links.models import Link

Make = Callable[..., Link]
Fresh = Callable[[Link], Link]


def form_of(page: str) -> dict[str, str]:
    """Return the fields of the edit form as a browser would send them."""
    form = re.findall(r'<form class="edit".*?</form>', page, re.DOTALL)[0]
    inputs = dict(re.findall(r'<input [^>]*name="(\w+)"[^>]*? value="([^"]*)"', form))
    for name in ("unread", "archived", "shared"):
        if not re.search(rf'name="{name}" value="1" checked', form):
            del inputs[name]
    areas = re.findall(r'<textarea [^>]*name="(\w+)"[^>]*>\n(.*?)</textarea>', form, re.DOTALL)
    return {name: html.unescape(value) for name, value in {**inputs, **dict(areas)}.items()}


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


def test_a_link_is_edited_and_the_edit_undone(
    browser: FlaskClient, fresh: Fresh, account: Account, make_link: Make
) -> None:
    link = make_link(account, title="Old", tags=["a"], unread=True, notes="one\ntwo")
    form = form_of(browser.get(f"/link/{link.id}/edit?back=/?q=x").text)
    assert form["back"] == "/?q=x"
    form |= {"title": "New", "tags": "a, b", "notes": "one\r\ntwo", "shared": "1"}
    del form["unread"]
    answer = browser.post(f"/link/{link.id}/edit", data=form)
    assert answer.headers["Location"].startswith("/?q=x&done=change.")
    link = fresh(link)
    assert (link.title, link.tags, link.unread, link.shared) == ("New", ["a", "b"], False, True)
    assert link.notes == "one\ntwo"
    page = browser.get(answer.headers["Location"]).text
    assert "title from “Old” to “New”" in page
    [undo] = re.findall(r'action="(/link/\d+/undo/\d+)"', page)
    browser.post(undo, data={"back": "/"})
    link = fresh(link)
    assert (link.title, link.tags, link.unread, link.shared) == ("Old", ["a"], True, False)


def test_what_cannot_be_saved_comes_back_with_all_that_was_written(
    browser: FlaskClient, account: Account, make_link: Make
) -> None:
    make_link(account, "https://taken.example/")
    link = make_link(account, notes="kept")
    form = form_of(browser.get(f"/link/{link.id}/edit").text)
    for url, status, said in (
        ("nonsense", 400, "not a valid URL"),
        ("https://taken.example/", 409, "has this URL"),
        ("javascript:alert(1)", 400, "url-fault"),
    ):
        answer = browser.post(f"/link/{link.id}/edit", data={**form, "url": url, "title": "Mine"})
        assert (answer.status_code, said in answer.text) == (status, True)
        again = form_of(answer.text)
        assert (again["url"], again["title"], again["notes"]) == (url, "Mine", "kept")


def test_what_was_not_edited_is_not_changed_by_passing_through_a_form(
    browser: FlaskClient, fresh: Fresh, account: Account, make_link: Make, session: Session
) -> None:
    """A browser sends other line breaks, and what the limits of today would refuse stays what it is."""
    kept = {"title": "two\nlines" + "x" * 3000, "notes": "a\r\nb\n\nc", "url": "gopher://a.example/1"}
    row = session.get_one(Link, (account.id, make_link(account, tags=["a", "b"]).id))
    for name, value in kept.items():
        setattr(row, name, value)
    session.flush()
    link = fresh(row)
    form = form_of(browser.get(f"/link/{link.id}/edit").text)
    form |= {"title": link.title.replace("\n", ""), "notes": "a\r\nb\r\n\r\nc"}
    answer = browser.post(f"/link/{link.id}/edit", data=form, follow_redirects=True)
    assert "Nothing was changed" in answer.text
    assert "Undo<" not in answer.text.partition('id="message"')[2].partition("</div>")[0]
    browser.post(f"/link/{link.id}/edit", data={**form, "notes": "a\r\n\r\nb\r\n\r\nc"})
    link = fresh(link)
    assert (link.notes, link.title) == ("a\n\nb\n\nc", kept["title"])


def test_an_act_that_changes_nothing_offers_no_undo(
    browser: FlaskClient, account: Account, make_link: Make
) -> None:
    link = make_link(account)
    for act, form in (("restore", {}), ("set", {"set": "read"})):
        answer = browser.post(f"/link/{link.id}/{act}", data={**form, "back": "/"}, follow_redirects=True)
        assert "Nothing was changed" in answer.text
        assert f"/link/{link.id}/undo" not in answer.text


def test_an_edit_of_what_was_changed_meanwhile_is_asked_about(
    browser: FlaskClient, fresh: Fresh, account: Account, make_link: Make
) -> None:
    link = make_link(account, title="First")
    form = form_of(browser.get(f"/link/{link.id}/edit").text)
    browser.post(f"/link/{link.id}/edit", data={**form, "title": "Second"})
    answer = browser.post(f"/link/{link.id}/edit", data={**form, "title": "Third"})
    assert answer.status_code == 412
    assert "changed elsewhere" in answer.text
    assert ">Second</div>" in answer.text, "beside what was written stands what it became elsewhere"
    again = form_of(answer.text)
    assert again["title"] == "Third"
    assert browser.post(f"/link/{link.id}/edit", data=again).status_code == 303
    link = fresh(link)
    assert link.title == "Third"


def test_an_edit_takes_back_nothing_that_was_changed_elsewhere(
    browser: FlaskClient, fresh: Fresh, account: Account, make_link: Make
) -> None:
    """Two tabs: each changes something else, and the one that saves last knows nothing of the other."""
    link = make_link(account, title="First", notes="Notes", tags=["a", "b"])
    edit = f"/link/{link.id}/edit"
    form = form_of(browser.get(edit).text)
    browser.post(edit, data={**form, "notes": "Other notes", "tags": "b c", "unread": "1"})
    browser.post(f"/link/{link.id}/set", data={"set": "archive"})
    assert browser.post(edit, data={**form, "title": "Second", "tags": "a b d"}).status_code == 303
    link = fresh(link)
    assert (link.title, link.notes, link.unread, link.archived) == ("Second", "Other notes", True, True)
    assert link.tags == ["b", "c", "d"]


def test_what_is_saved_again_after_a_question_replaces_only_what_was_asked_about(
    browser: FlaskClient, fresh: Fresh, account: Account, make_link: Make
) -> None:
    link = make_link(account, title="First", notes="Notes", description="D")
    edit = f"/link/{link.id}/edit"
    form = form_of(browser.get(edit).text)
    browser.post(edit, data={**form, "title": "Theirs", "notes": "Their\nnotes", "description": ""})
    answer = browser.post(edit, data={**form, "title": "Mine", "unread": "1"})
    assert answer.status_code == 412
    again = form_of(answer.text)
    assert (again["title"], again["notes"], again["unread"]) == ("Mine", "Their\nnotes", "1")
    browser.post(edit, data=again)
    link = fresh(link)
    assert (link.title, link.notes, link.description, link.unread) == ("Mine", "Their\nnotes", "", True)


def test_a_form_of_a_version_that_never_was_is_compared_with_what_is_there(
    browser: FlaskClient, fresh: Fresh, account: Account, make_link: Make
) -> None:
    link = make_link(account, title="First")
    for version in ("99", "0", "-5", "x"):
        form = {
            **form_of(browser.get(f"/link/{link.id}/edit").text),
            "version": version,
            "title": f"V{version}",
        }
        assert browser.post(f"/link/{link.id}/edit", data=form).status_code == 303
    assert fresh(link).title == "Vx"


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
