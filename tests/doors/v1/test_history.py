"""History and undo through `/api/v1`."""

from __future__ import annotations

from datetime import datetime, timedelta

from doors.v1.calls import Call, ids, save


def test_a_history_reads_as_sentences(call: Call) -> None:
    link = save(call, "https://a.example/", title="A")
    call("PATCH", f"/links/{link}", json={"title": "B", "tags": ["flask", "postgres"], "unread": True})
    call("DELETE", f"/links/{link}", 204)
    history = call("GET", f"/links/{link}/history")["changes"]
    assert [change["summary"] for change in history] == [
        "moved to the trash",
        "added tags flask, postgres; marked unread; title from “A” to “B”",
        "added",
    ]
    assert {change["token"] for change in history} == {"test token"}


def test_a_change_is_undone_alone(call: Call) -> None:
    link = save(call, "https://a.example/", title="A", tags=["x"])
    call("PATCH", f"/links/{link}", json={"title": "B", "tags": ["x", "y"]})
    call("PATCH", f"/links/{link}", json={"notes": "N", "tags": ["x", "y", "z"]})
    change = call("GET", f"/links/{link}/history")["changes"][1]["id"]
    call("POST", f"/links/{link}/history/{change}/undo")
    now = call("GET", f"/links/{link}")
    assert (now["title"], now["notes"], now["tags"]) == ("A", "N", ["x", "z"])


def test_what_was_changed_since_is_not_trampled(call: Call) -> None:
    link = save(call, "https://a.example/", title="A")
    call("PATCH", f"/links/{link}", json={"title": "B"})
    call("PATCH", f"/links/{link}", json={"title": "C"})
    change = call("GET", f"/links/{link}/history")["changes"][1]["id"]
    problem = call("POST", f"/links/{link}/history/{change}/undo", 409)
    assert "changed since: title" in problem["detail"]
    assert call("GET", f"/links/{link}")["title"] == "C"


def test_everything_since_a_moment_is_undone(call: Call) -> None:
    first = save(call, "https://a.example/", title="A")
    moment = datetime.fromisoformat(call("GET", f"/links/{first}")["created_at"])
    later = (moment + timedelta(microseconds=1)).isoformat()
    second = save(call, "https://b.example/")
    call("PATCH", f"/links/{first}", json={"title": "B"})
    call("DELETE", f"/links/{first}", 204)
    call("POST", "/undo", json={"since": later})
    assert ids(call, "") == [first]
    assert call("GET", f"/links/{first}")["title"] == "A"
    assert call("GET", f"/links/{second}")["trashed_at"] is not None


def test_an_undo_after_the_trash_was_emptied_is_refused_in_words(call: Call) -> None:
    link = save(call, "https://a.example/", notes="secret")
    done = call("POST", "/links/bulk", json={"action": "trash", "ids": [link]})
    assert call("DELETE", "/trash") == {"destroyed": 1}
    problem = call("POST", f"/batches/{done['batch']}/undo", 409)
    assert "destroyed when the trash was emptied" in problem["detail"]
    history = call("GET", f"/links/{link}/history")["changes"]
    assert history[0]["kind"] == "destroyed"
    assert "secret" not in str(history)


def test_batches_are_listed(call: Call) -> None:
    link = save(call, "https://a.example/")
    batch = call("POST", "/links/bulk", json={"action": "trash", "ids": [link]})["batch"]
    (listed,) = call("GET", "/batches")["batches"]
    assert listed == call("GET", f"/batches/{batch}")
    assert (listed["summary"], listed["links"]) == ("moved to the trash", 1)
    call("GET", "/batches/999999", 404)
    call("POST", "/batches/999999/undo", 404)
