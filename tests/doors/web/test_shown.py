"""What pages show of links: addresses that may be followed, monograms, breaks. Pure."""

from __future__ import annotations

import pytest

from linkhold.doors.web import addresses, shown


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        "JAVASCRIPT:alert(1)",
        " javascript:alert(1)",
        "\x01javascript:alert(1)",
        "java\tscript:alert(1)",
        "data:text/html,<script>",
        "vbscript:x",
        "blob:https://a.example/1",
        "file:///etc/passwd",
        "about:blank",
        "view-source:https://a.example/",
        "intent://x#Intent;end",
        "chrome://settings",
        "no scheme at all",
        "//a.example/",
        "/local",
        "",
    ],
)
def test_an_address_that_could_run_or_reach_inside_is_no_link(url: str) -> None:
    assert addresses.openable(url) == ""


@pytest.mark.parametrize(
    "url",
    [
        "https://a.example/",
        "HTTP://a.example",
        "ftp://a.example/x",
        "mailto:a@b.example",
        "gemini://a.example",
    ],
)
def test_an_address_that_is_only_followed_is_a_link(url: str) -> None:
    assert addresses.openable(url) == url


@pytest.mark.parametrize(
    ("url", "shown_as"),
    [
        (
            "https://a.example/b/c?d=1&e=2#f",
            "https://<wbr>a.example/<wbr>b/<wbr>c?<wbr>d=<wbr>1&amp;<wbr>e=<wbr>2#<wbr>f",
        ),
        ("https://a.example/<b>", "https://<wbr>a.example/&lt;b&gt;"),
        ("", ""),
    ],
)
def test_a_url_wraps_where_a_reader_would_break_it(url: str, shown_as: str) -> None:
    assert shown.breakable(url) == shown_as


@pytest.mark.parametrize(
    ("url", "site", "letter"),
    [
        ("https://www.a.example:8080/b", "a.example", "A"),
        ("https://news.bbc.co.uk/", "news.bbc.co.uk", "B"),
        ("https://en.wikipedia.org/", "en.wikipedia.org", "W"),
        ("https://xn--bcher-kva.example/", "xn--bcher-kva.example", "B"),
        ("https://xn--80ak6aa92e.com/", "xn--80ak6aa92e.com", "А"),
        ("https://xn--a.example/", "xn--a.example", "X"),
        ("https://127.0.0.1/", "127.0.0.1", "0"),
        ("https://localhost/", "localhost", "L"),
        ("mailto:ada@a.example", "", "•"),
        ("https://[a.example/", "", "•"),
    ],
)
def test_a_site_is_named_and_lettered_as_people_name_it(url: str, site: str, letter: str) -> None:
    assert shown.site(url) == site
    assert shown.monogram(url).letter == letter
    assert 0 <= shown.monogram(url).colour < shown.COLOURS


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("/?q=a+b&after=x", "/?q=a+b&after=x&done=1"),
        ("/?done=2&left=1", "/?done=1"),
        ("/link/1#x", "/link/1?done=1"),
        ("//evil.example/", "/?done=1"),
        ("http://evil.example/", "/?done=1"),
    ],
)
def test_a_way_back_keeps_what_was_asked_and_leads_nowhere_else(path: str, said: str) -> None:
    assert addresses.plain(path, done=1) == said
