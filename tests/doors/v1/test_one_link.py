"""One link through `/api/v1`, in detail: some of its fields, and what its history tells of saves."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient

Call = Callable[..., Any]
URL = "https://a.example/"


@pytest.fixture
def call(client: FlaskClient, authorized: dict[str, str]) -> Call:
    """Send a request, insist on its status, and return the JSON of the answer."""

    def send(method: str, path: str, status: int = 200, **sent: Any) -> Any:
        answer = client.open(f"/api/v1{path}", method=method, headers=authorized, **sent)
        assert answer.status_code == status, answer.text
        return answer.get_json(silent=True)

    return send


def test_the_history_has_the_urls_that_a_link_was_saved_by(call: Call) -> None:
    link = call("POST", "/links", 201, json={"url": URL})["id"]
    call("POST", "/links", json={"url": f"{URL}?utm_source=mail"})
    again, added = call("GET", f"/links/{link}/history")["changes"]
    assert (again["sent_url"], added["sent_url"]) == (f"{URL}?utm_source=mail", None)
    assert again["summary"] == f"saved again; sent as “{URL}?utm_source=mail”"


def test_of_one_link_too_some_fields_can_be_asked_for(call: Call) -> None:
    link = call("POST", "/links", 201, json={"url": URL, "title": "A"})["id"]
    assert call("GET", f"/links/{link}?fields=url,%20title") == {"url": URL, "title": "A"}
    refused = call("GET", f"/links/{link}?fields=url,colour", 400)
    assert refused["detail"].startswith("A link has no field colour; it has id, url")
    call("GET", f"/links/{link}?field=url", 400)
