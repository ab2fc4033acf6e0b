"""Acts on many links through `/api/v1` that say more than they would do, or less than they ask."""

from __future__ import annotations

from typing import Any

import pytest
from flask.testing import FlaskClient

EDITS = ({"add_tags": ["t"]}, {"remove_tags": ["t"]}, {"unread": False}, {"archived": True}, {"shared": True})


def send(client: FlaskClient, authorized: dict[str, str], **body: Any) -> tuple[int, str]:
    answer = client.post("/api/v1/links/bulk", json=body, headers=authorized)
    return answer.status_code, answer.get_json().get("detail", "")


@pytest.mark.parametrize("action", ["trash", "restore"])
@pytest.mark.parametrize("sent", EDITS)
def test_what_only_an_edit_does_is_not_passed_over_by_another_action(
    client: FlaskClient, authorized: dict[str, str], action: str, sent: dict[str, Any]
) -> None:
    (name,) = sent
    refused = send(client, authorized, action=action, ids=[1], **sent)
    assert refused == (400, f"The action {action} takes no {name}: that is for edit.")
    assert send(client, authorized, action=action, ids=[1], add_tags=[])[0] == 200


@pytest.mark.parametrize("name", ["ids", "q", "add_tags", "remove_tags", "unread", "archived", "shared"])
def test_null_is_refused_and_does_not_stand_for_what_is_left_out(
    client: FlaskClient, authorized: dict[str, str], name: str
) -> None:
    asked = {"action": "edit", "ids": [1], "add_tags": ["t"]} | {name: None}
    status, detail = send(client, authorized, **asked)
    assert (status, detail.partition(":")[0]) == (400, name)


def test_what_changed_nothing_is_in_no_list_of_batches(
    client: FlaskClient, authorized: dict[str, str]
) -> None:
    asked = {"json": {"text": "https://a.example/"}, "headers": authorized | {"Accept": "application/json"}}
    _first, again = (client.post("/save", **asked).get_json()["batch"] for _ in range(2))
    assert send(client, authorized, action="trash", ids=[])[0] == 200
    listed = client.get("/api/v1/batches", headers=authorized).get_json()["batches"]
    assert [batch["summary"] for batch in listed] == ["shared a link"]
    assert client.get(f"/api/v1/batches/{again}", headers=authorized).get_json()["links"] == 0
