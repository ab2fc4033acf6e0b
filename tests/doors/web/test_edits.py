"""The form that edits a link, and what something else changed in that link meanwhile."""

from __future__ import annotations

import html
import re
from collections.abc import Callable

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
