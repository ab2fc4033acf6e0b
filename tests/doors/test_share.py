"""The door for shared text: its answers, the same request again, and who may."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from flask.testing import FlaskClient
from sqlalchemy import select

from conftest import PASSWORD
from doors.sent import URL, Send, form, plain
from linkhold import clock
from linkhold.accounts.models import Account
from linkhold.links.models import InboxItem, Link
from linkhold.runtime import Runtime


def test_json_has_the_sentence_the_links_and_the_batch(send: Send) -> None:
    answer = send(json={"url": URL}, headers={"Accept": "application/json"})
    body = answer.get_json()
    assert (answer.status_code, set(body)) == (201, {"message", "links", "inbox", "batch"})
    assert (body["message"], body["inbox"]) == ("Saved: tides.example", None)
    assert (body["links"][0]["url"], body["batch"] > 0) == (URL, True)
    kept = send(json={"text": "milk"}, headers={"Accept": "application/json"}).get_json()
    assert (kept["links"], kept["batch"], kept["inbox"]["text"]) == ([], None, "milk")


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


def test_the_moment_of_the_inbox_is_now(send: Send, runtime: Runtime) -> None:
    send(**plain("milk"))
    with runtime.reading() as session:
        item = session.scalars(select(InboxItem)).one()
    assert clock.now() - item.received_at < timedelta(minutes=1)
    assert (item.door, item.token) == ("share", "test token")
