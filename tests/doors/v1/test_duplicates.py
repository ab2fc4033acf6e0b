"""Near-duplicates through `/api/v1`."""

from __future__ import annotations

from doors.v1.calls import Call, save


def test_near_duplicates_are_listed_merged_and_undone(call: Call) -> None:
    first = save(call, "http://www.a.example/Page/", title="A", tags=["x"])
    second = save(call, "https://a.example/page#top", notes="N", tags=["y"])
    save(call, "https://a.example/other")
    (group,) = call("GET", "/duplicates")["groups"]
    assert [link["id"] for link in group["links"]] == [first, second]
    done = call("POST", "/duplicates/merge", json={"keep": first, "ids": [second]})
    kept = call("GET", f"/links/{first}")
    assert (kept["title"], kept["notes"], kept["tags"]) == ("A", "N", ["x", "y"])
    assert call("GET", "/duplicates")["groups"] == []
    call("POST", f"/batches/{done['batch']}/undo")
    assert call("GET", f"/links/{first}")["notes"] == ""
    assert call("GET", f"/links/{second}")["trashed_at"] is None
    call("POST", "/duplicates/merge", 400, json={"keep": first, "ids": [first]})
    call("POST", "/duplicates/merge", 404, json={"keep": first, "ids": [999_999]})
