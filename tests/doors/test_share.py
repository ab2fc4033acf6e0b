"""The door for shared text: every shape of body, the sentence it answers, and all that can go wrong."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from io import BytesIO
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from conftest import PASSWORD
from linkhold import clock, config, translations
from linkhold.accounts.models import Account
from linkhold.app import create_app
from linkhold.doors import sentences
from linkhold.links.models import InboxItem, KeptAnswer, Link
from linkhold.links.saving import Saved
from linkhold.links.sharing import Shared, SharedLink
from linkhold.runtime import Runtime

Send = Callable[..., TestResponse]
URLENCODED, RAW_FORM = "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"
URL = "https://www.tides.example/2027"


@pytest.fixture
def send(client: FlaskClient, authorized: dict[str, str]) -> Send:
    def post(**sent: Any) -> TestResponse:
        headers = authorized | sent.pop("headers", {})
        return client.post("/save", headers=headers, **sent)

    return post


@pytest.fixture
def library(runtime: Runtime, account: Account) -> Callable[[], list[Link]]:
    def links() -> list[Link]:
        with runtime.reading() as session:
            return list(session.scalars(select(Link).where(Link.owner_id == account.id).order_by(Link.id)))

    return links


@pytest.fixture
def stored(runtime: Runtime) -> Callable[[], int]:
    """Count everything that a share could leave behind."""

    def count() -> int:
        with runtime.reading() as session:
            return sum(
                session.scalar(select(func.count()).select_from(table)) or 0
                for table in (Link, InboxItem, KeptAnswer)
            )

    return count


def form(**fields: Any) -> dict[str, Any]:
    return {"data": fields, "content_type": "multipart/form-data"}


def raw_form(text: bytes) -> dict[str, Any]:
    body = b'--x\r\nContent-Disposition: form-data; name="text"\r\n\r\n' + text + b"\r\n--x--\r\n"
    return plain(body, RAW_FORM)


def plain(body: str | bytes, content_type: str = "text/plain") -> dict[str, Any]:
    return {"data": body, "content_type": content_type}


# --- what comes in ---


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


# --- what is answered ---


def test_the_sentence_says_what_happened(send: Send, client: FlaskClient, authorized: dict[str, str]) -> None:
    def said(text: str, **more: Any) -> tuple[int, str]:
        answer = send(json={"text": text, **more})
        return answer.status_code, answer.text

    assert said(URL) == (201, "Saved: tides.example")
    assert said(URL) == (200, "Already saved today")
    assert said(URL, tags=["sea"]) == (200, "Already saved today, tags united")
    assert said(f"Look {URL}", tags=["x"]) == (200, "Already saved today, tags united, text added")
    link = client.get("/api/v1/links", headers=authorized).get_json()["links"][0]["id"]
    client.delete(f"/api/v1/links/{link}", headers=authorized)
    assert said(URL) == (200, "Already saved today, back from the trash")
    assert said("https://a.example/1 https://a.example/2 https://a.example/3") == (201, "3 links saved")
    assert said("https://a.example/1 https://a.example/4") == (201, "1 link saved, 1 already there")
    assert said("https://a.example/1 https://a.example/4") == (200, "2 links, all already saved")
    assert said("milk") == (201, "No link found: kept in your inbox")
    many = " ".join(f"https://m.example/{number}" for number in range(10_000))
    assert said(many) == (201, "10000 links are too many for one text: kept in your inbox")


def test_json_has_the_sentence_the_links_and_the_batch(send: Send) -> None:
    answer = send(json={"url": URL}, headers={"Accept": "application/json"})
    body = answer.get_json()
    assert (answer.status_code, set(body)) == (201, {"message", "links", "inbox", "batch"})
    assert (body["message"], body["inbox"]) == ("Saved: tides.example", None)
    assert (body["links"][0]["url"], body["batch"] > 0) == (URL, True)
    kept = send(json={"text": "milk"}, headers={"Accept": "application/json"}).get_json()
    assert (kept["links"], kept["batch"], kept["inbox"]["text"]) == ([], None, "milk")


def test_words_that_find_no_room_are_told(runtime: Runtime, authorized: dict[str, str]) -> None:
    settings = config.load({"LINKHOLD_MAX_NOTES_LENGTH": "256"})
    small = Runtime.on(runtime.engine, settings).drafting
    client = create_app(replace(runtime, drafting=small)).test_client()
    answer = client.post(
        "/save", data=f"{URL}\n{'word ' * 60}", headers=authorized, content_type="text/plain"
    )
    assert answer.text == "Saved: tides.example, the whole text is in your inbox"


@pytest.mark.parametrize(
    ("header", "own", "sentence"),
    [
        ("de-AT,de;q=0.9,en;q=0.5", "", "Gespeichert: tides.example"),
        ("fr, en;q=0.1", "", "Saved: tides.example"),
        ("", "", "Saved: tides.example"),
        ("de", "en", "Saved: tides.example"),
        ("en", "de", "Gespeichert: tides.example"),
    ],
)
def test_the_sentence_is_in_the_accounts_language(
    send: Send, runtime: Runtime, account: Account, header: str, own: str, sentence: str
) -> None:
    with runtime.transaction() as session:
        session.get_one(Account, account.id).language = own
    assert send(json={"url": URL}, headers={"Accept-Language": header}).text == sentence


def test_what_is_wrong_is_said_in_the_accounts_language(
    client: FlaskClient, send: Send, runtime: Runtime, account: Account
) -> None:
    with runtime.transaction() as session:
        session.get_one(Account, account.id).language = "de"
    english = {"Accept-Language": "en"}
    assert send(data="", content_type="text/plain", headers=english).text.startswith("Es gibt nichts")
    assert send(data="{", content_type="application/json", headers=english).text.startswith("Der Inhalt ist")
    # Of whom nobody knows who it is, the language is the one that is asked for.
    for asked, said in (("de-AT", "Bitte ein Token"), ("en", "Send a token")):
        assert client.post("/save", headers={"Accept-Language": asked}).text.startswith(said)


def test_today_is_the_day_of_the_accounts_zone(
    send: Send, runtime: Runtime, account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    moment = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)
    monkeypatch.setattr(clock, "now", lambda: moment)
    with runtime.transaction() as session:
        session.get_one(Account, account.id).time_zone = "Pacific/Auckland"
    send(json={"url": URL})
    moment += timedelta(hours=2)
    assert send(json={"url": URL}).text == "Already saved in November", "it is past midnight there"


def moments() -> Iterator[tuple[datetime, str, str]]:
    yield datetime(2026, 11, 23, 1, tzinfo=UTC), "Already saved today", "Heute schon gespeichert"
    yield datetime(2025, 11, 23, tzinfo=UTC), "Already saved in 2025", "Schon 2025 gespeichert"
    yield datetime(2026, 3, 1, tzinfo=UTC), "Already saved in March", "Schon im März gespeichert"
    yield datetime(2026, 10, 31, tzinfo=UTC), "Already saved in October", "Schon im Oktober gespeichert"


@pytest.mark.parametrize(("saved_at", "english", "german"), list(moments()))
def test_since_when_a_link_is_known(
    make_link: Callable[..., Link], account: Account, saved_at: datetime, english: str, german: str
) -> None:
    link = make_link(account)
    link.created_at = saved_at
    shared = Shared((SharedLink(Saved(link, created=False), changed=False),))
    now = datetime(2026, 11, 23, 12, tzinfo=UTC)
    assert sentences.shared(translations.to("en"), shared, now) == english
    assert sentences.shared(translations.to("de"), shared, now) == german


@pytest.mark.parametrize(
    ("url", "site"),
    [
        ("https://ada:secret@tides.example:8080/x", "tides.example:8080"),
        ("https://müller.de?x", "müller.de"),
        (f"https://{'a' * 63}.example/", f"{'a' * 60}…"),
    ],
)
def test_a_site_is_told_as_it_was_written(send: Send, url: str, site: str) -> None:
    assert send(json={"url": url}).text == f"Saved: {site}"


# --- the same request again ---


def test_a_repetition_with_a_key_gets_the_first_answer(send: Send, library: Callable[[], list[Link]]) -> None:
    key = {"Idempotency-Key": "k1"}
    first = send(**form(text="Tides https://a.example/"), headers=key)
    again = send(**form(text="Tides https://a.example/"), headers=key)
    assert (again.status_code, again.text) == (first.status_code, first.text) == (201, "Saved: a.example")
    as_json = send(**form(text="Tides https://a.example/"), headers=key | {"Accept": "application/json"})
    assert as_json.get_json()["message"] == "Saved: a.example"
    assert len(library()) == 1
    assert send(json={"text": "other"}, headers=key).status_code == 422


def test_a_text_is_in_the_inbox_once_however_often_a_key_comes(send: Send, stored: Callable[[], int]) -> None:
    for _ in range(3):
        assert send(json={"text": "milk"}, headers={"Idempotency-Key": "k2"}).status_code == 201
    assert stored() == 2  # the text, and the answer


# --- what goes wrong ---


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


def test_a_program_gets_a_problem_document(send: Send, client: FlaskClient) -> None:
    answer = send(json={"link": URL}, headers={"Accept": "application/json"})
    assert (answer.status_code, answer.mimetype) == (400, "application/problem+json")
    assert answer.get_json()["errors"] == [{"field": "link", "detail": "Unknown field."}]
    answer = client.get("/save", headers={"Accept": "application/json"})
    assert (answer.status_code, answer.mimetype) == (405, "application/problem+json")


def test_who_may_not_is_told_in_a_sentence(
    client: FlaskClient, account: Account, make_token: Callable[..., str], stored: Callable[[], int]
) -> None:
    nobody = client.post("/save", data=URL, content_type="text/plain")
    assert (nobody.status_code, nobody.mimetype) == (401, "text/plain")
    assert "Basic" in "".join(nobody.headers.getlist("WWW-Authenticate"))
    reader = {"Authorization": f"Bearer {make_token(account, 'read')}"}
    answer = client.post("/save", data=URL, content_type="text/plain", headers=reader)
    assert (answer.status_code, "write" in answer.text) == (403, True)
    assert client.get("/save").status_code == 405
    assert stored() == 0


def test_a_password_opens_the_door_too(client: FlaskClient, account: Account) -> None:
    answer = client.post("/save", data=URL, content_type="text/plain", auth=(account.name, PASSWORD))
    assert answer.status_code == 201


def test_a_text_as_large_as_a_body_may_be_is_kept(send: Send, stored: Callable[[], int]) -> None:
    began = clock.monotonic()
    assert send(**plain("word " * 838_000)).status_code == 201
    assert stored() == 1
    assert clock.monotonic() - began < 30


def test_the_moment_of_the_inbox_is_now(send: Send, runtime: Runtime) -> None:
    send(**plain("milk"))
    with runtime.reading() as session:
        item = session.scalars(select(InboxItem)).one()
    assert clock.now() - item.received_at < timedelta(minutes=1)
    assert (item.door, item.token) == ("share", "test token")
