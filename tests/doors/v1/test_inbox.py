"""The inbox through `/api/v1`."""

from __future__ import annotations

from typing import Any

import pytest

from doors.v1.calls import Call
from linkhold.doors.v1 import inbox


def share(call: Call, text: str, **fields: Any) -> int:
    headers = {"Accept": "application/json"}
    return int(
        call("POST", "/save", 201, below="", json={"text": text, **fields}, headers=headers)["inbox"]["id"]
    )


def ids(call: Call, **query: Any) -> list[int]:
    return [item["id"] for item in call("GET", "/inbox", query_string=query)["items"]]


def test_the_inbox_is_listed_in_pages(call: Call) -> None:
    made = [share(call, f"text {number}", tags=["a"]) for number in range(3)]
    first = call("GET", "/inbox", query_string={"limit": 2})
    assert [item["id"] for item in first["items"]] == [made[2], made[1]]
    assert (first["items"][0]["text"], first["items"][0]["tags"]) == ("text 2", ["a"])
    inbox.InboxShape.model_validate(first)
    assert ids(call, before=first["next"]) == [made[0]]
    assert call("GET", "/inbox", query_string={"before": made[0]})["next"] is None
    for query in ({"limit": 0}, {"before": "x"}, {"page": 1}):
        call("GET", "/inbox", 400, query_string=query)


@pytest.mark.parametrize("url", ["https://tides.example/2027", "example.com/tides"])
def test_a_text_is_made_a_link(call: Call, url: str) -> None:
    item = share(call, "Tide tables", tags=["sea"])
    link = call("POST", f"/inbox/{item}/link", 201, json={"url": url})
    assert (link["url"].removeprefix("https://"), link["title"]) == (
        url.removeprefix("https://"),
        "Tide tables",
    )
    assert (link["tags"], ids(call), ids(call, trashed=True)) == (["sea"], [], [item])
    call("POST", f"/inbox/{item}/link", 409, json={"url": url})
    call("POST", f"/inbox/{item}/restore")
    again = call("POST", f"/inbox/{item}/link", 200, json={"url": url})
    assert again["version"] == link["version"]


def test_a_text_is_made_a_note_which_can_be_undone(call: Call) -> None:
    item = share(call, "Ask Ada")
    link = call("POST", "/links", 201, json={"url": "https://a.example/", "notes": "Before"})["id"]
    noted = call("POST", f"/inbox/{item}/note", json={"link_id": link})
    assert (noted["notes"], ids(call)) == ("Before\n\nAsk Ada", [])
    change = call("GET", f"/links/{link}/history")["changes"][0]["id"]
    call("POST", f"/links/{link}/history/{change}/undo")
    assert call("GET", f"/links/{link}")["notes"] == "Before"


def test_what_is_deleted_can_be_restored_until_the_trash_is_emptied(call: Call) -> None:
    item = share(call, "milk")
    call("DELETE", f"/inbox/{item}", 204)
    call("DELETE", f"/inbox/{item}", 204)
    assert (ids(call), ids(call, trashed=True)) == ([], [item])
    assert call("POST", f"/inbox/{item}/restore")["trashed_at"] is None
    assert ids(call) == [item]
    call("DELETE", f"/inbox/{item}", 204)
    call("DELETE", "/trash")
    call("POST", f"/inbox/{item}/restore", 404)


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("link", {"url": "milk"}, 400),
        ("link", {"url": ""}, 400),
        ("link", {"url": "javascript:alert(1)"}, 400),
        ("link", {}, 400),
        ("note", {"link_id": 999_999}, 404),
        ("note", {"link_id": "1"}, 400),
        ("note", {"link_id": 2**63}, 400),
    ],
)
def test_what_cannot_be_done_leaves_the_text_where_it_is(
    call: Call, path: str, body: dict[str, Any], status: int
) -> None:
    item = share(call, "milk")
    call("POST", f"/inbox/{item}/{path}", status, json=body)
    assert ids(call) == [item]


def test_another_account_reaches_none_of_it(call: Call, stranger: dict[str, str]) -> None:
    item = share(call, "milk")
    assert call("GET", "/inbox", headers=stranger)["items"] == []
    link = call("POST", "/links", 201, json={"url": "https://a.example/"}, headers=stranger)["id"]
    call("POST", f"/inbox/{item}/link", 404, json={"url": "https://b.example/"}, headers=stranger)
    call("POST", f"/inbox/{item}/note", 404, json={"link_id": link}, headers=stranger)
    call("POST", f"/inbox/{item}/note", 404, json={"link_id": link})
    call("POST", f"/inbox/{item}/restore", 404, headers=stranger)
    call("DELETE", f"/inbox/{item}", 404, headers=stranger)
    call("DELETE", "/trash", headers=stranger)
    assert ids(call) == [item]
