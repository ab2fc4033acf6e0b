"""The library as pages, as a browser without scripts meets it; what is hostile first."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from linkhold.accounts.models import Account
from linkhold.doors.web import library, look
from linkhold.links.models import Link

HOSTILE = '"><script>alert(1)</script>'


def test_what_was_saved_is_shown_as_text(
    browser: FlaskClient, account: Account, make_link: Callable[..., Link]
) -> None:
    make_link(account, f"https://example.com/?q={HOSTILE}", title=HOSTILE, tags=[HOSTILE.replace(",", "")])
    make_link(account, f"https://example.com/{HOSTILE}")
    for page in (browser.get("/"), browser.post("/", data={"url": HOSTILE, "title": HOSTILE})):
        assert "<script" not in page.text
        assert "&lt;script&gt;" in page.text


def test_saving_says_what_happened(browser: FlaskClient) -> None:
    form = {"url": "https://a.example/", "tags": "x, y"}
    assert "Saved: " in browser.post("/", data=form, follow_redirects=True).text
    again = browser.post("/", data=form, follow_redirects=True).text
    assert "Already in your library" in again
    assert again.count('class="tag"') == 2


def test_what_is_no_link_comes_back_to_be_mended(browser: FlaskClient) -> None:
    answer = browser.post("/", data={"url": "not a link", "title": "kept"})
    assert answer.status_code == 400
    assert "not a valid URL" in answer.text
    assert 'value="not a link"' in answer.text
    assert 'value="kept"' in answer.text


def test_a_trashed_link_can_be_brought_back_from_the_message(
    browser: FlaskClient, account: Account, make_link: Callable[..., Link]
) -> None:
    link = make_link(account, title="Wanted")
    page = browser.post(f"/link/{link.id}/trash", follow_redirects=True)
    assert "Moved to the trash" in page.text
    assert "Nothing here yet" in page.text
    assert "Wanted" in browser.get("/trash").text
    assert f"/link/{link.id}/restore" in page.text
    assert "Restored: " in browser.post(f"/link/{link.id}/restore", follow_redirects=True).text


@pytest.mark.parametrize("query", ["link=1&done=saved", "link=x", "link=99999999999999999999", "done=saved"])
def test_an_address_cannot_make_the_page_say_what_is_not_so(browser: FlaskClient, query: str) -> None:
    page = browser.get(f"/?{query}")
    assert page.status_code == 200
    assert 'class="message"' not in page.text


@pytest.mark.parametrize("done", ["trashed", "sold", ""])
def test_a_link_is_not_said_to_be_where_it_is_not(
    browser: FlaskClient, account: Account, make_link: Callable[..., Link], done: str
) -> None:
    assert 'class="message"' not in browser.get(f"/?link={make_link(account).id}&done={done}").text


def test_another_persons_link_is_a_page_that_is_not_there(
    browser: FlaskClient, make_account: Callable[..., Account], make_link: Callable[..., Link]
) -> None:
    link = make_link(make_account())
    for act in ("trash", "restore"):
        answer = browser.post(f"/link/{link.id}/{act}")
        assert (answer.status_code, answer.mimetype) == (404, "text/html")


def test_a_long_library_is_read_page_by_page(
    browser: FlaskClient, account: Account, make_link: Callable[..., Link]
) -> None:
    for number in range(60):
        make_link(account, title=f"Number {number}.")
    first = browser.get("/").text
    assert first.count('class="link"') == 50
    older = first.partition('href="/?before=')[2].partition('"')[0]
    second = browser.get(f"/?before={older}").text
    assert second.count('class="link"') == 10
    assert browser.get("/?before=nonsense").status_code == 400


def test_what_is_wrong_is_said_beside_its_field(browser: FlaskClient) -> None:
    for field, value in (("url", "not a link"), ("title", "x" * 3000), ("tags", "x" * 300)):
        form = {"url": "https://a.example/", field: value}
        answer = browser.post("/", data=form)
        assert answer.status_code == 400
        assert answer.text.count('class="fault"') == 1
        assert f'id="{field}-fault"' in answer.text
        assert f'value="{value}"' in answer.text


def test_tidying_goes_on_where_one_was_and_leads_back(
    browser: FlaskClient, account: Account, make_link: Callable[..., Link]
) -> None:
    links = [make_link(account, title=f"Number {number}.") for number in range(51)]
    older = browser.get("/").text.partition('href="/?before=')[2].partition('"')[0]
    action = f"/link/{links[0].id}/trash?before={older}"
    assert f'action="{action}"' in browser.get(f"/?before={older}").text
    page = browser.post(action, follow_redirects=True).text
    assert "Moved to the trash" in page
    assert "Number 50." not in page
    assert "Nothing here yet" not in page
    assert f'action="/link/{links[0].id}/restore?before={older}"' in page
    assert 'href="/">Newest</a>' in page


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        (
            "https://a.example/b/c?d=1&e=2#f",
            "https://<wbr>a.example/<wbr>b/<wbr>c?<wbr>d=<wbr>1&amp;<wbr>e=<wbr>2#<wbr>f",
        ),
        ("https://a.example/<b>", "https://<wbr>a.example/&lt;b&gt;"),
        ("", ""),
    ],
)
def test_a_url_wraps_where_a_reader_would_break_it(url: str, shown: str) -> None:
    assert look.breakable(url) == shown


@pytest.mark.parametrize(
    ("url", "site"),
    [
        ("https://www.a.example:8080/b", "a.example"),
        ("mailto:ada@a.example", ""),
        ("https://[a.example/", ""),
    ],
)
def test_a_site_is_named_as_people_name_it(url: str, site: str) -> None:
    assert library.site(url) == site
