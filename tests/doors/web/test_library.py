"""The library as a page, as a browser without scripts meets it; what is hostile first."""

from __future__ import annotations

import html
import re
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from linkhold.accounts.models import Account
from linkhold.links import completion
from linkhold.links.models import Link

HOSTILE = '"><script>alert(1)</script>'
MESSAGE = re.compile(r'<div id="message".*?</div>', re.DOTALL)


def message(page: str) -> str:
    """Return what a page says was done, as text."""
    return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", MESSAGE.findall(page)[0])).split())


def titles(page: str) -> list[str]:
    return [
        html.unescape(re.sub(r"<[^>]*>", "", each))
        for each in re.findall(r'class="title"[^>]*>(.*?)</a>', page)
    ]


def test_what_was_saved_is_shown_as_text(
    browser: FlaskClient, account: Account, make_link: Callable[..., Link]
) -> None:
    make_link(account, f"https://example.com/?q={HOSTILE}", title=HOSTILE, tags=[HOSTILE], notes=HOSTILE)
    make_link(account, f"https://example.com/{HOSTILE}", description=HOSTILE)
    for page in (
        browser.get("/"),
        browser.get("/", query_string={"q": f'alert {HOSTILE} tag:"{HOSTILE}"'}),
        browser.get("/", query_string={"q": "alert", "done": HOSTILE}),
        browser.post("/", data={"url": HOSTILE, "title": HOSTILE}),
    ):
        assert "<script>" not in page.text
        assert "&lt;script&gt;" in page.text


def test_saving_says_what_happened(browser: FlaskClient) -> None:
    form = {"url": "https://a.example/", "tags": "x, y"}
    first = browser.post("/", data=form, follow_redirects=True)
    assert message(first.text).startswith("Saved : https://a.example/ Undo")
    more = browser.post("/", data={**form, "tags": "z"}, follow_redirects=True).text
    assert message(more).startswith("Already in your library, now merged")
    again = browser.post("/", data=form, follow_redirects=True).text
    assert message(again).startswith("Already in your library, as it is")
    assert "Undo" not in message(again)


def test_a_save_can_be_undone_from_its_message(browser: FlaskClient) -> None:
    page = browser.post("/", data={"url": "https://a.example/"}, follow_redirects=True).text
    [undo] = re.findall(r'action="(/link/\d+/undo/\d+)"', page)
    undone = browser.post(undo, data={"back": "/"}, follow_redirects=True).text
    assert message(undone).startswith("Undone: moved to the trash : https://a.example/ Redo")
    assert titles(undone) == []
    [redo] = re.findall(r'action="(/batch/\d+/undo)"', undone)
    assert titles(browser.post(redo, data={"back": "/"}, follow_redirects=True).text)


def test_what_is_no_link_comes_back_to_be_mended(browser: FlaskClient) -> None:
    answer = browser.post("/?q=here", data={"url": "not a link", "title": "kept"})
    assert answer.status_code == 400
    assert "not a valid URL" in answer.text
    assert 'value="not a link"' in answer.text
    assert 'value="kept"' in answer.text
    assert 'value="here"' in answer.text


def test_what_is_wrong_is_said_beside_its_field(browser: FlaskClient) -> None:
    for field, value in (("url", "not a link"), ("title", "x" * 3000), ("tags", "x" * 300)):
        form = {"url": "https://a.example/", field: value}
        answer = browser.post("/", data=form)
        assert answer.status_code == 400
        assert answer.text.count('class="fault"') == 1
        assert f'id="{field}-fault"' in answer.text
        assert f'value="{value}"' in answer.text


@pytest.mark.parametrize(
    "done",
    [
        "batch.1",
        "change.1.1",
        "known.1",
        "same.1",
        "batch.99999999999999999999",
        "sold.1",
        "batch.1.2.3",
        "",
        "<b>",
    ],
)
def test_an_address_cannot_make_the_page_say_what_is_not_so(browser: FlaskClient, done: str) -> None:
    page = browser.get("/", query_string={"done": done})
    assert page.status_code == 200
    assert message(page.text) == ""


def test_nobody_is_told_of_anothers_acts(
    browser: FlaskClient, make_account: Callable[..., Account], make_link: Callable[..., Link]
) -> None:
    link = make_link(make_account(), title="Secret")
    page = browser.get(f"/?done=known.{link.id}").text
    assert "Secret" not in page
    assert message(page) == ""


def test_a_change_is_told_only_while_it_is_the_last(
    browser: FlaskClient, account: Account, make_link: Callable[..., Link]
) -> None:
    link = make_link(account)
    trashed = browser.post(f"/link/{link.id}/trash", data={"back": "/"}).headers["Location"]
    assert message(browser.get(trashed).text).startswith("Moved to the trash")
    browser.post(f"/link/{link.id}/restore", data={"back": "/"})
    assert message(browser.get(trashed).text) == ""


def test_a_long_library_is_read_page_by_page(
    browser: FlaskClient, account: Account, make_link: Callable[..., Link]
) -> None:
    for number in range(60):
        make_link(account, title=f"Number {number}.", tags=["long"])
    first = browser.get("/?q=%23long").text
    assert len(titles(first)) == 50
    assert "60 links" in first
    [older] = re.findall(r'rel="next" href="([^"]+)"', first)
    second = browser.get(html.unescape(older)).text
    assert titles(second) == [f"Number {number}." for number in range(9, -1, -1)]
    assert 'href="/?q=%23long">Newest' in second


@pytest.mark.parametrize("after", ["nonsense", "W10", "WyJ0aXRsZSIsImEiLDFd", "\0"])
def test_a_bad_cursor_is_a_page_that_says_so(browser: FlaskClient, after: str) -> None:
    answer = browser.get("/", query_string={"after": after})
    assert (answer.status_code, answer.mimetype) == (400, "text/html")
    assert "cursor" in answer.text


def test_a_page_that_is_empty_by_now_leads_back(
    browser: FlaskClient, account: Account, make_link: Callable[..., Link]
) -> None:
    for _ in range(51):
        make_link(account, tags=["x"])
    [older] = re.findall(r'rel="next" href="([^"]+)"', browser.get("/").text)
    browser.post("/many", data={"all": "1", "q": "#x", "act": "trash"})
    page = browser.get(html.unescape(older)).text
    assert "Nothing here yet" not in page
    assert 'href="/">Newest</a>' in page


def test_each_condition_can_be_taken_away(
    browser: FlaskClient, account: Account, make_link: Callable[..., Link]
) -> None:
    make_link(account, title="Flask by example", tags=["python"], unread=True)
    page = browser.get("/", query_string={"q": "flask #python is:unread"}).text
    assert titles(page) == ["Flask by example"]
    chips = re.findall(r'<li><a href="([^"]+)" aria-label="Without the condition ([^"]+)"', page)
    assert [(html.unescape(to), what) for to, what in chips] == [
        ("/?q=%23python+and+is:unread", "flask"),
        ("/?q=flask+and+is:unread", "#python"),
        ("/?q=flask+and+%23python", "is:unread"),
    ]
    assert "<mark>Flask</mark> by example" in page


def test_what_of_a_search_was_passed_over_is_said(browser: FlaskClient) -> None:
    page = html.unescape(browser.get("/?q=(is:sold before:soon").text)
    assert "“is:sold” is none of" in page
    assert "“before:soon” is no date" in page
    assert "A parenthesis was not closed." in page


def test_the_archive_is_out_of_the_way_but_found(
    browser: FlaskClient, account: Account, make_link: Callable[..., Link]
) -> None:
    make_link(account, title="Old thing", archived=True)
    make_link(account, title="New thing")
    assert titles(browser.get("/").text) == ["New thing"]
    assert titles(browser.get("/?q=sort:title").text) == ["New thing"]
    assert titles(browser.get("/?q=thing+sort:title").text) == ["New thing", "Old thing"]
    assert titles(browser.get("/?q=is:archived").text) == ["Old thing"]


def test_relevance_is_an_order_only_where_there_are_words(
    browser: FlaskClient, account: Account, make_link: Callable[..., Link]
) -> None:
    make_link(account, title="One", unread=True)
    assert "Best match" in browser.get("/?q=one").text
    assert "Best match" not in browser.get("/?q=is:unread").text


@pytest.mark.parametrize(
    "url", ["mailto:ada@a.example", "magnet:?xt=urn:btih:1", "javascript:alert(1)", "data:text/html,x"]
)
def test_only_what_cannot_run_is_a_link(
    browser: FlaskClient, account: Account, make_link: Callable[..., Link], session: Session, url: str
) -> None:
    """Even if such a URL came into the library by another way than saving."""
    link = make_link(account, title="Careful")
    session.get_one(Link, (account.id, link.id)).url = url
    session.flush()
    for page in (browser.get("/").text, browser.get(f"/link/{link.id}").text):
        assert "Careful" in page
        assert (f'href="{html.escape(url)}"' in page) == url.startswith(("mailto:", "magnet:"))


@pytest.mark.parametrize(
    "query",
    [
        "q=%ff%fe",
        "q=\xff",
        "q=%00",
        "q=%0a%0d",
        "q=a&q=b",
        "q",
        "&&&",
        "q=" + "(" * 500,
        "left=" + "9" * 5000,
    ],
)
def test_an_odd_address_is_a_page_all_the_same(browser: FlaskClient, query: str) -> None:
    assert browser.get(f"/?{query}").status_code == 200
    assert browser.get(f"/tags?tag={query}").status_code == 200


def test_words_are_completed_from_operators_and_tags(
    browser: FlaskClient, account: Account, make_link: Callable[..., Link]
) -> None:
    make_link(account, tags=["python/flask", "to do"])
    make_link(account, tags=["python"])

    def completed(typed: str, of: str = "search") -> list[str]:
        answer = browser.get("/complete.json", query_string={"typed": typed, "of": of})
        return [each["text"] for each in answer.get_json()["completions"]]

    assert completed("#py") == ["#python", "#python/flask"]
    assert completed("-tag:fl") == ["-#python/flask"]
    assert completed("is:ar") == ["is:archived"]
    assert completed("s") == ["site:", "sort:"]
    assert completed("ti") == ["title:"]
    assert completed("p") == ["#python", "#python/flask"]
    assert completed("py", of="tags") == ["python", "python/flask"]
    assert completed("") == list(completion.OPERATORS)[: completion.MOST]
    assert completed("\0") == completed("%") == completed("#\0") == []


def test_nobody_completes_anothers_tags(
    browser: FlaskClient, make_account: Callable[..., Account], make_link: Callable[..., Link]
) -> None:
    make_link(make_account(), tags=["secret"])
    assert browser.get("/complete.json?typed=%23sec").get_json() == {"completions": []}
    assert "secret" not in browser.get("/").text
