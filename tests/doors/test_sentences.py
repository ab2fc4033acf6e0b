"""The sentence that the door for shared text answers: what became of it, in whose language."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient

from doors.sent import URL, Send
from linkhold import clock, config, translations
from linkhold.accounts.models import Account
from linkhold.app import create_app
from linkhold.doors import sentences
from linkhold.links.adding import Saved
from linkhold.links.models import Link
from linkhold.links.sharing import Shared, SharedLink
from linkhold.runtime import Runtime


def test_the_sentence_says_what_happened(
    send: Send, client: FlaskClient, authorized: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    moment = clock.now()
    monkeypatch.setattr(clock, "now", lambda: moment)  # it is not to be past midnight meanwhile

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
