"""Saved searches through `/api/v1`."""

from __future__ import annotations

from doors.v1.calls import Call


def test_saved_searches_are_kept_in_their_order(call: Call) -> None:
    made = [call("POST", "/searches", 201, json={"name": name, "query": "#x"})["id"] for name in "abc"]
    call("PATCH", f"/searches/{made[2]}", json={"position": 0, "name": "C"})
    listed = call("GET", "/searches")["searches"]
    assert [(each["name"], each["position"]) for each in listed] == [("C", 0), ("a", 1), ("b", 2)]
    call("DELETE", f"/searches/{made[0]}", 204)
    call("DELETE", f"/searches/{made[0]}", 404)
    call("POST", "/searches", 400, json={"name": " ", "query": "x"})
