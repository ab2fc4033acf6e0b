"""The trash, near-duplicates, statistics, history, tags and saved searches as pages, without any script."""

from __future__ import annotations

import html
import re
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from linkhold.accounts.models import Account
from linkhold.doors.web import frame, tags
from linkhold.links.models import Link

Make = Callable[..., Link]
Fresh = Callable[[Link], Link]


def undo(browser: FlaskClient, page: str) -> None:
    """Press the undo of a page's message."""
    [action] = re.findall(
        r'<form method="post" action="(/batch/\d+/undo)" data-quiet>.*?>Undo<', page, re.DOTALL
    )
    assert browser.post(action, data={"back": "/"}).status_code == 303


def test_the_trash_says_for_how_long_it_keeps(
    browser: FlaskClient, session: Session, account: Account, make_link: Make
) -> None:
    assert "The trash is empty" in browser.get("/trash").text
    browser.post(f"/link/{make_link(account).id}/trash")
    assert "for 30 days" in browser.get("/trash").text
    kept = session.get_one(Account, account.id)
    kept.trash_days = None
    session.flush()
    assert "until you empty the trash" in browser.get("/trash").text


def test_the_trash_is_restored_in_bulk_and_read_page_by_page(
    browser: FlaskClient, account: Account, make_link: Make
) -> None:
    for _ in range(52):
        make_link(account)
    browser.post("/many", data={"act": "trash", "all": "1", "q": ""})
    page = browser.get("/trash").text
    [older] = re.findall(r'rel="next" href="([^"]+)"', page)
    assert browser.get(older).text.count('class="link"') == 2
    page = browser.post(
        "/many",
        data={"act": "restore", "all": "1", "q": "is:trashed", "back": "/trash"},
        follow_redirects=True,
    ).text
    assert "Taken out of the trash: 52 links" in page
    assert "The trash is empty" in page
    assert browser.get("/trash?before=nonsense").status_code == 400
    assert browser.get(older).status_code == 200


def test_the_trash_is_emptied_only_by_who_is_sure(
    browser: FlaskClient, account: Account, make_link: Make
) -> None:
    link = make_link(account)
    browser.post(f"/link/{link.id}/trash")
    assert browser.post("/trash/empty").status_code == 400
    assert browser.get(f"/link/{link.id}").status_code == 200
    assert browser.post("/trash/empty", data={"sure": "1"}).status_code == 303
    assert browser.get(f"/link/{link.id}").status_code == 404


def test_near_duplicates_are_merged_and_that_is_undone(
    browser: FlaskClient, fresh: Fresh, account: Account, make_link: Make
) -> None:
    assert "resemble" in browser.get("/duplicates").text
    kept = make_link(account, "https://www.a.example/x", tags=["a"])
    other = make_link(account, "http://a.example/X/", tags=["b"], title="Words")
    page = browser.get("/duplicates").text
    assert page.count('name="keep"') == 2
    assert page.replace("<wbr>", "").count("<mark>") == 5
    form = {"keep": str(kept.id), "ids": [str(kept.id), str(other.id)], "back": "/duplicates"}
    page = browser.post("/duplicates/merge", data=form, follow_redirects=True).text
    assert "Merged 1 link into" in page
    kept, other = fresh(kept), fresh(other)
    assert (set(kept.tags), kept.title, bool(other.trashed_at)) == ({"a", "b"}, "Words", True)
    undo(browser, page)
    kept, other = fresh(kept), fresh(other)
    assert (kept.tags, kept.title, bool(other.trashed_at)) == (["a"], "", False)


@pytest.mark.parametrize(
    "form", [{}, {"keep": "x"}, {"keep": "0"}, {"keep": "1"}, {"keep": "9" * 30, "ids": "1"}]
)
def test_a_merge_of_nothing_is_refused(browser: FlaskClient, form: dict[str, str]) -> None:
    assert browser.post("/duplicates/merge", data=form).status_code == 400


def test_anothers_links_are_not_merged(
    browser: FlaskClient, account: Account, make_account: Callable[..., Account], make_link: Make
) -> None:
    mine, other = make_link(account), make_link(make_account())
    assert browser.post("/duplicates/merge", data={"keep": mine.id, "ids": [other.id]}).status_code == 404


@pytest.mark.parametrize("after", ["", "x", "-5", "9" * 30])
def test_duplicates_begin_anew_at_an_odd_place(browser: FlaskClient, after: str) -> None:
    assert browser.get(f"/duplicates?after={after}").status_code == 200


def test_statistics_count_the_library_and_read_as_tables(
    browser: FlaskClient, account: Account, make_account: Callable[..., Account], make_link: Make
) -> None:
    assert browser.get("/statistics").status_code == 200
    for number in range(3):
        make_link(account, f"https://www.a.example/{number}", tags=["x/y"], unread=number == 0)
    make_link(account, "https://b.example/", archived=True)
    make_link(make_account(), "https://secret.example/")
    browser.post(f"/link/{make_link(account, 'https://gone.example/').id}/trash")
    page = browser.get("/statistics").text
    cells = re.findall(r'<th scope="row">.*?<bdi>([^<]+)</bdi>.*?<span>(\d+)</span>', page, re.DOTALL)
    assert cells == [("a.example", "3"), ("b.example", "1"), ("x", "3"), ("x/y", "3")]
    totals = re.findall(r"<dt>([^<]+)</dt><dd><a [^>]*>(\d+)</a>", page)
    assert dict(totals) == {"links": "4", "unread": "1", "archived": "1", "shared": "0", "without a tag": "1"}
    assert page.count("added:") == 24


def test_the_history_has_what_was_done_to_many_links(
    browser: FlaskClient, account: Account, make_link: Make
) -> None:
    assert "Nothing yet" in browser.get("/history").text
    link = make_link(account)
    for number in range(52):
        browser.post("/many", data={"act": "tag", "tags": f"t{number}", "ids": [str(link.id)]})
    page = browser.get("/history").text
    assert page.count('aria-label="Undo: ') == 50
    [older] = re.findall(r'rel="next" href="([^"]+)"', page)
    assert browser.get(older).text.count('aria-label="Undo: ') == 2
    assert browser.get("/history?before=0").status_code == 400


def test_a_tag_is_renamed_with_those_below_it_and_that_is_undone(
    browser: FlaskClient, fresh: Fresh, account: Account, make_link: Make
) -> None:
    link = make_link(account, tags=["js", "js/node"])
    assert 'value="js"' in browser.get("/tags?tag=js").text
    form = {"tag": "js", "name": "javascript", "back": "/tags"}
    page = browser.post("/tags/rename", data=form, follow_redirects=True).text
    assert fresh(link).tags == ["javascript", "javascript/node"]
    undo(browser, page)
    assert fresh(link).tags == ["js", "js/node"]


@pytest.mark.parametrize(
    ("name", "said"),
    [("taken", "There is a tag taken already"), ("", "needs a name"), ("js/x", "below itself")],
)
def test_a_name_that_a_tag_cannot_have_is_said_beside_it(
    browser: FlaskClient, account: Account, make_link: Make, name: str, said: str
) -> None:
    make_link(account, tags=["js", "taken"])
    answer = browser.post("/tags/rename", data={"tag": "js", "name": name})
    assert (answer.status_code, said in answer.text) == (409, True)
    assert ("Merge the two" in answer.text) == (name == "taken")


def test_tags_are_merged_and_deleted(
    browser: FlaskClient, fresh: Fresh, account: Account, make_link: Make
) -> None:
    link = make_link(account, tags=["js", "ecma", "old"])
    page = browser.post(
        "/tags/merge", data={"tags": ["js", "ecma"], "into": "javascript"}, follow_redirects=True
    ).text
    assert fresh(link).tags == ["javascript", "old"]
    undo(browser, page)
    page = browser.post("/tags/delete", data={"tag": "old", "back": "/tags"}, follow_redirects=True).text
    assert fresh(link).tags == ["js", "ecma"]
    undo(browser, page)
    for path, form in (("merge", {"into": "x"}), ("merge", {"tags": "js"})):
        assert browser.post(f"/tags/{path}", data=form).status_code == 400
    for path, form in (("delete", {"tag": "none"}), ("rename", {"tag": "none", "name": "x"})):
        assert browser.post(f"/tags/{path}", data=form).status_code == 404


def test_tags_are_shown_as_a_tree_with_counts(
    browser: FlaskClient, account: Account, make_link: Make
) -> None:
    assert "No tags yet" in browser.get("/tags").text
    make_link(account, tags=["a/b/c", "a b"])
    make_link(account, tags=["a/b"])
    page = browser.get("/tags").text
    assert re.findall(r'name="tags" value="([^"]+)" form="merge"', page) == ["a", "a/b", "a/b/c", "a-b"]
    assert html.escape("/?q=%23a/b") in page


def test_the_side_column_shows_the_tags_that_are_used_most(
    browser: FlaskClient, account: Account, make_link: Make
) -> None:
    make_link(account, tags=[f"t{number}" for number in range(45)])
    page = browser.get("/").text
    assert "And more" in page
    assert page.count('class="hash"') == frame.MOST_TAGS


def test_tags_are_read_page_by_page_and_found_by_any_part_of_their_names(
    browser: FlaskClient, account: Account, make_link: Make
) -> None:
    make_link(account, tags=[f"t{number:03}" for number in range(tags.ROWS + 5)] + ["zoo/Penguins"])
    page = browser.get("/tags").text
    assert page.count('form="merge"') == tags.ROWS
    [more] = re.findall(r'rel="next" href="([^"]+)"', page)
    assert browser.get(more).text.count('form="merge"') == 7
    found = browser.get("/tags?find=PENGU").text
    assert re.findall(r'name="tags" value="([^"]+)" form="merge"', found) == ["zoo/Penguins"]
    assert "No tag has this in its name." in browser.get("/tags?find=none-has").text


def test_a_search_is_kept_moved_renamed_and_forgotten(browser: FlaskClient) -> None:
    for name, query in (("One", "is:unread"), ("Two", "#x -y")):
        answer = browser.post("/searches", data={"name": name, "query": query})
        assert answer.status_code == 303
    page = browser.get("/searches").text
    assert re.findall(r'id="name-\d+" name="name" value="(\w+)"', page) == ["One", "Two"]
    [first, second] = re.findall(r'action="(/searches/\d+)"', page)
    browser.post(second, data={"name": "Second", "query": "#x", "position": "0"})
    page = browser.get("/").text
    assert page.index("Second") < page.index(">One<")
    assert browser.post(first, data={"name": " ", "query": "x"}).status_code == 400
    gone = browser.post(f"{first}/forget", follow_redirects=True).text
    assert 'value="One"' in gone
    assert ">One<" not in gone
    assert browser.post(first, data={"name": "x"}).status_code == 404
    assert browser.post(f"{first}/forget").status_code == 404
    answer = browser.post("/searches", data={"name": "", "query": "kept"})
    assert (answer.status_code, 'value="kept"' in answer.text) == (400, True)


def test_what_is_wrong_with_a_search_is_said_at_its_field_and_nothing_typed_is_lost(
    browser: FlaskClient,
) -> None:
    browser.post("/searches", data={"name": "One", "query": "is:unread"})
    [change] = re.findall(r'action="(/searches/\d+)"', browser.get("/searches").text)
    of = change.removeprefix("/searches/")
    for path, key in (("/searches", "new"), (change, of)):
        page = browser.post(path, data={"name": " ", "query": "what I typed"}).text
        [field] = re.findall(rf'<input id="name-{key}"[^>]*>', page)
        assert f'aria-invalid="true" aria-describedby="name-{key}-fault"' in field
        assert f'<p class="fault" id="name-{key}-fault">A saved search needs a name.' in page
        [field] = re.findall(rf'<input id="query-{key}"[^>]*>', page)
        assert 'value="what I typed"' in field
        assert page.count("aria-invalid") == 1


@pytest.mark.parametrize("tag", ['say"hi', "c:\\x", "a(b)", "é/ü"])
def test_the_page_of_tags_leads_to_what_each_is_on(
    browser: FlaskClient, account: Account, make_link: Make, tag: str
) -> None:
    make_link(account, title="the one", tags=[tag])
    page = browser.get("/tags").text
    addresses = [html.unescape(each) for each in re.findall(r'href="(/\?q=[^"]+)"', page)]
    assert addresses
    assert "the one" in browser.get(addresses[-1]).text
