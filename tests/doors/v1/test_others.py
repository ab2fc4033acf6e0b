"""One account through `/api/v1`: no other reaches anything of it."""

from __future__ import annotations

from doors.v1.calls import Call, save


def test_another_account_reaches_none_of_it(call: Call, stranger: dict[str, str]) -> None:
    link = save(call, "https://a.example/", tags=["mine"], title="word")
    batch = call("POST", "/links/bulk", json={"action": "edit", "ids": [link], "unread": True})["batch"]
    search = call("POST", "/searches", 201, json={"name": "s", "query": ""})["id"]
    change = call("GET", f"/links/{link}/history")["changes"][0]["id"]
    for method, path, body in (
        ("GET", f"/links/{link}/history", None),
        ("POST", f"/links/{link}/history/{change}/undo", None),
        ("GET", f"/batches/{batch}", None),
        ("POST", f"/batches/{batch}/undo", None),
        ("PATCH", f"/searches/{search}", {"name": "t"}),
        ("DELETE", f"/searches/{search}", None),
        ("POST", "/tags/delete", {"tag": "mine"}),
        ("POST", "/duplicates/merge", {"keep": link, "ids": [link + 1]}),
    ):
        call(method, path, 404, json=body, headers=stranger)
    for path, name in (
        ("/links?q=word", "links"),
        ("/tags", "tags"),
        ("/batches", "batches"),
        ("/changes", "changes"),
    ):
        assert call("GET", path, headers=stranger)[name] == []
    assert (
        call("POST", "/links/bulk", json={"action": "trash", "ids": [link]}, headers=stranger)["links"] == 0
    )
    assert call("DELETE", "/trash", headers=stranger) == {"destroyed": 0}
    assert call("GET", f"/links/{link}")["trashed_at"] is None
