"""Identity, by tables: which URLs are one link, which are two, and which are none."""

from __future__ import annotations

import pytest
from ada_url import URL
from hypothesis import given
from hypothesis import strategies as st

from linkhold.errors import NotALink
from linkhold.links.identity import PLAIN, _parts, identify


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("HTTP://Example.COM/", "http://example.com"),
        ("http://example.com:80/a", "http://example.com/a"),
        ("https://example.com:443/a", "https://example.com/a"),
        ("https://example.com./a", "https://example.com/a"),
        ("https://example.com/a?", "https://example.com/a"),
        ("https://example.com/a#", "https://example.com/a"),
        ("https://example.com/%7Eada", "https://example.com/~ada"),
        ("https://example.com/a%2fb", "https://example.com/a%2Fb"),
        ("https://example.com/a b", "https://example.com/a%20b"),
        ("https://example.com/x/../a", "https://example.com/a"),
        ("https://example.com/ä", "https://example.com/%c3%a4"),
        ("https://münchen.example/", "https://xn--mnchen-3ya.example/"),
        ("https://MÜNCHEN.example/", "https://münchen.example/"),
        ("https://example.com/?utm_source=x&utm_Medium=y", "https://example.com/"),
        ("https://example.com/?id=7&fbclid=Ab-1", "https://example.com/?id=7"),
        ("https://example.com/?utm%5Fsource=x", "https://example.com/"),
        ("https://example.com/?gclid=1&b=2&msclkid=3", "https://example.com/?b=2"),
        ("https://example.com/?q=%41", "https://example.com/?q=A"),
        ("http://0x7f.1/", "http://127.0.0.1/"),
        ("https://[::0001]/", "https://[::1]/"),
        ("https://example.com\\a", "https://example.com/a"),
    ],
)
def test_these_are_one_link(one: str, other: str) -> None:
    assert identify(one) == identify(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("http://example.com/", "https://example.com/"),
        ("https://example.com/", "https://www.example.com/"),
        ("https://example.com/a", "https://example.com/A"),
        ("https://example.com/a", "https://example.com/a/"),
        ("https://example.com/a", "https://example.com:8443/a"),
        ("https://example.com/?a=1&b=2", "https://example.com/?b=2&a=1"),
        ("https://example.com/a%2Fb", "https://example.com/a/b"),
        ("https://example.com/#a", "https://example.com/"),
        ("https://example.com/?a=", "https://example.com/?a"),
        ("https://example.com/?q=a+b", "https://example.com/?q=a%2Bb"),
        ("https://ada@example.com/", "https://example.com/"),
        ("https://example.com/?my_utm_source=1", "https://example.com/"),
        ("https://example.com/%%34%31", "https://example.com/A"),
    ],
)
def test_these_are_two_links(one: str, other: str) -> None:
    assert identify(one) != identify(other)


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("", "empty"),
        (" \n", "empty"),
        ("example.com", "https://"),
        ("https://", "not a valid URL"),
        ("https://exa mple.com/", "not a valid URL"),
        ("https://./", "names no host"),
        ("https://_&127.1../", "not a valid URL"),
        ("https://example.com:99999/", "not a valid URL"),
        ("javascript:alert(1)", "'javascript'"),
        (" JavaScript:alert(1)", "'javascript'"),
        ("java\nscript:alert(1)", "'javascript'"),
        ("data:text/html,<script>", "'data'"),
        ("file:///etc/passwd", "'file'"),
        ("ftp://example.com/", "'ftp'"),
        ("mailto:ada@example.com", "'mailto'"),
        ("https://example.com/\0", "cannot hold"),
        ("https://example.com/\ud800", "cannot hold"),
    ],
)
def test_these_are_no_links_and_the_reason_is_said(url: str, reason: str) -> None:
    with pytest.raises(NotALink, match=reason):
        identify(url)


def test_other_schemes_are_links_where_they_are_allowed() -> None:
    identity = identify("gemini://Example.COM/a", {"gemini"})
    assert identity.text == "gemini://Example.COM/a"


def test_the_hash_is_of_the_text() -> None:
    assert identify("https://a.example").hash.hex().startswith("befde498a45b6c82")
    assert len(identify("https://a.example").hash) == 32


DELIMITERS = [*"/:@?#[]%\\;a", "B.", "ü", "[::1]", "u:p@", "127.1", ":80"]


@given(st.lists(st.sampled_from(DELIMITERS), max_size=12).map("".join))
def test_a_url_comes_apart_where_the_parser_says(rest: str) -> None:
    """The parts are read from the parser's own form of the URL, not asked for one by one."""
    url = f"https://a.example{rest}"
    if not URL.can_parse(url) or URL(url).hostname.endswith("."):
        return
    parts, parsed = _parts(url), URL(url)
    assert parts["credentials"] == (f"{':'.join(_login(parsed))}@" if any(_login(parsed)) else "")
    assert parts["host"] + parts["port"] == parsed.host
    assert parts["path"] == parsed.pathname
    assert parts["query"] == parsed.search[1:]
    assert parts["fragment"] == parsed.hash[1:]


def _login(parsed: URL) -> list[str]:
    return [parsed.username, parsed.password] if parsed.password else [parsed.username]


urls = st.builds(
    "https://{}{}{}{}".format,
    st.sampled_from(["example.com", "EXAMPLE.com.", "münchen.example", "a.b.example:8080", "u:p@x.example"]),
    st.text("/aZ%20.~é &=+", max_size=12).map(lambda path: f"/{path}"),
    st.text("aZ%4 1&=+?utm_", max_size=16).map(lambda query: f"?{query}"),
    st.text("aZ%41 é", max_size=6).map(lambda fragment: f"#{fragment}"),
)


@given(urls)
def test_the_identity_of_an_identity_is_itself(url: str) -> None:
    """Otherwise a link saved by its canonical form would be another link."""
    once = identify(url)
    assert identify(once.text) == once


@given(st.from_regex(PLAIN, fullmatch=True))
def test_what_is_plain_is_what_the_parser_would_write(url: str) -> None:
    assert URL(url).href == url


@pytest.mark.parametrize(
    "url",
    [
        "https://127.1/",
        "https://a.0x7f/",
        "https://example.com",
        "https://example.com./",
        "https://xn--mnchen-3ya.example/",
        "https://user@example.com/",
        "https://example.com:443/",
        "https://example.com/a/../b",
        "https://example.com/./",
        "https://example.com/%7E",
        "https://example.com/a b",
        "https://example.com/?q='",
        "https://example.com/#",
        "https://Example.com/",
        "https://example.com/ä",
        "https://example.com/a\n",
    ],
)
def test_what_the_parser_might_write_otherwise_is_asked(url: str) -> None:
    assert not PLAIN.fullmatch(url)
