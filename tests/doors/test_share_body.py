"""The door for shared text: every shape of body, and what none can be read of."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO
from typing import Any

import pytest

from doors.sent import RAW_FORM, URL, URLENCODED, Send, form, plain, raw_form
from linkhold import clock
from linkhold.links.models import Link


@pytest.mark.parametrize(
    "sent",
    [
        {"json": {"url": URL, "title": "Tides"}},
        {"json": {"text": f"Tides {URL}"}},
        {"json": {"text": URL, "title": "Tides", "notes": None, "tags": None}},
        {"json": {"url": [URL], "title": "Tides"}},
        {"json": f"Tides {URL}"},
        {"json": ["Tides", URL]},
        {"data": {"url": URL, "title": "Tides"}},
        {"data": {"text": f"Tides\n{URL}"}},
        form(title="Tides", text=URL, url=""),
        form(text=f"Tides {URL}"),
        form(text=(BytesIO(f"Tides {URL}".encode()), "shared.txt", "text/plain")),
        form(title="Tides", text=URL, file=(BytesIO(b""), "", "application/octet-stream")),
        plain(f"Tides {URL}"),
        plain(f"\ufeffTides {URL}"),
        plain(f"Tides {URL}", "text/plain; charset=UTF-8"),
        plain(f"Tides {URL}".encode("utf-16"), "text/plain; charset=utf-16"),
        plain(f"Tides {URL}", "text/html"),
        plain(f"Tides {URL}", "application/octet-stream"),
        plain(f"Tides {URL}", ""),
        plain(f"Tides {URL}", URLENCODED),
        plain(f"Tides%20{URL.replace(':', '%3A').replace('/', '%2F')}", URLENCODED),
        plain(f'{{"url": "{URL}", "title": "Tides"}}', URLENCODED),
    ],
)
def test_a_share_is_read_however_an_app_sends_it(
    send: Send, library: Callable[[], list[Link]], sent: dict[str, Any]
) -> None:
    answer = send(**sent)
    assert (answer.status_code, answer.mimetype, answer.text) == (201, "text/plain", "Saved: tides.example")
    assert [(link.url, link.title) for link in library()] == [(URL, "Tides")]


def test_a_body_that_curl_calls_a_form_is_kept_whole(send: Send, library: Callable[[], list[Link]]) -> None:
    urls = [
        *("https://a.example/?a=1&b=2", "https://b.example/?q=100%25"),
        "https://x.example/intent/post?url=https%3A%2F%2Fa.example%2F&text=hi&title=",
    ]
    for url in urls:
        assert send(**plain(url, URLENCODED)).status_code == 201
    assert [link.url for link in library()] == urls


def test_a_text_with_braces_or_many_ands_is_a_text(send: Send, library: Callable[[], list[Link]]) -> None:
    assert send(**plain(f"{{Tides}} {URL}", URLENCODED)).status_code == 201
    many = "a&" * 2000 + " https://b.example/"
    assert send(**plain(many, URLENCODED)).status_code == 201
    assert [link.url for link in library()] == [URL, "https://b.example/"]


@pytest.mark.parametrize(
    ("sent", "tags", "unread"),
    [
        ({"json": {"url": URL, "tags": ["a", "b/c"], "unread": True}}, ["a", "b/c"], True),
        ({"json": {"url": URL, "tags": "a, b"}}, ["a", "b"], False),
        ({"data": {"url": URL, "tags": "a,b", "unread": "on"}}, ["a", "b"], True),
        (form(url=URL, tags=["a", "b"], unread="false"), ["a", "b"], False),
    ],
)
def test_tags_and_the_state_come_in_the_ways_of_json_and_of_forms(
    send: Send, library: Callable[[], list[Link]], sent: dict[str, Any], tags: list[str], *, unread: bool
) -> None:
    send(**sent)
    (link,) = library()
    assert (link.tags, link.unread) == (tags, unread)


def test_a_field_that_comes_twice_has_two_lines(send: Send, library: Callable[[], list[Link]]) -> None:
    send(data={"text": [URL, "https://b.example/"]})
    assert [link.url for link in library()] == [URL, "https://b.example/"]


@pytest.mark.parametrize(
    ("sent", "status", "word"),
    [
        (plain("{", "application/json"), 400, "not valid JSON"),
        (plain(b'{"text": "\xff"}', "application/json"), 400, "not valid JSON"),
        (plain('{"text": "\\ud800"}', "application/json"), 400, "not valid JSON"),
        ({"json": 7}, 400, "must be an object"),
        ({"json": [1]}, 400, "must be an object"),
        ({"json": {"text": 7}}, 400, "text: "),
        ({"json": {"link": URL}}, 400, "link: Unknown field"),
        ({"json": {"url": URL, "tags": [7]}}, 400, "tags"),
        ({"json": {"url": URL, "tags": ["x" * 300]}}, 400, "longer than"),
        ({"json": {"text": "a\0b"}}, 400, "cannot hold"),
        ({"json": {"text": f"{URL} \0"}}, 400, "cannot hold"),
        ({"json": {"text": ""}}, 400, "nothing to save"),
        ({"json": {}}, 400, "nothing to save"),
        ({"json": None}, 400, ""),
        ({"data": {"url": URL, "Titel": "x"}}, 400, "Titel: Unknown field"),
        ({"data": {"url": URL, "unread": "maybe"}}, 400, "unread"),
        (plain(b"url=https://a.example/%FF", URLENCODED), 400, "not valid UTF-8"),
        (plain(b"https%3A%2F%2Fa.example%2F%FF", URLENCODED), 400, "not valid UTF-8"),
        (plain(b"\xff\xfe\xfd"), 400, "not valid UTF-8"),
        (plain("a\0b"), 400, "cannot hold"),
        (plain(""), 400, "nothing to save"),
        (plain("  \n"), 400, "nothing to save"),
        (plain(URL, "text/plain; charset=punycode"), 415, "UTF-8"),
        (plain(URL, "image/png"), 415, "Send text"),
        (plain("no form", RAW_FORM), 400, "not a form"),
        (raw_form(b"\xff"), 400, "not valid UTF-8"),
        (form(text=URL, file=(BytesIO(b"\x89PNG"), "a.png", "image/png")), 415, "Files"),
        (form(text=(BytesIO(b"\xff"), "a.txt", "text/plain")), 400, "not valid UTF-8"),
        (form(link=URL), 400, "link: Unknown field"),
        (plain("x" * 4_194_305), 413, "larger than"),
        (raw_form(b"x" * 4_194_305), 413, "larger than"),
        ({"json": {"text": URL}, "headers": {"Idempotency-Key": "x" * 256}}, 400, "Idempotency-Key"),
    ],
)
def test_what_cannot_be_read_is_told_in_a_sentence_and_nothing_is_kept(
    send: Send, stored: Callable[[], int], sent: dict[str, Any], status: int, word: str
) -> None:
    answer = send(**sent)
    assert (answer.status_code, answer.mimetype) == (status, "text/plain")
    assert word in answer.text
    assert stored() == 0


def test_a_text_as_large_as_a_body_may_be_is_kept(send: Send, stored: Callable[[], int]) -> None:
    began = clock.monotonic()
    assert send(**plain("word " * 838_000)).status_code == 201
    assert stored() == 1
    assert clock.monotonic() - began < 30
