"""Tags through `/api/v1`."""

from __future__ import annotations

from doors.v1.calls import Call, save


def counted(call: Call) -> dict[str, tuple[int, int]]:
    return {tag["name"]: (tag["links"], tag["below"]) for tag in call("GET", "/tags")["tags"]}


def test_tags_are_counted_with_those_below(call: Call) -> None:
    save(call, "https://a.example/", tags=["Python/Flask"])
    link = save(call, "https://b.example/", tags=["python", "misc"])
    assert counted(call) == {"Python": (1, 2), "Python/Flask": (1, 1), "misc": (1, 1)}
    call("DELETE", f"/links/{link}", 204)
    assert counted(call) == {"Python": (0, 1), "Python/Flask": (1, 1)}


def test_a_tag_keeps_the_case_in_which_it_was_first_written(call: Call) -> None:
    save(call, "https://a.example/", tags=["PostgreSQL"])
    link = save(call, "https://b.example/", tags=["postgresql/Tips"])
    assert call("GET", f"/links/{link}")["tags"] == ["PostgreSQL/Tips"]


def test_a_tag_is_completed_as_it_is_typed(call: Call) -> None:
    save(call, "https://a.example/", tags=["python/flask", "flax", "100%"])
    names = [tag["name"] for tag in call("GET", "/tags", query_string={"typed": "fl"})["tags"]]
    assert names == ["flax", "python/flask"]
    assert call("GET", "/tags", query_string={"typed": "%"})["tags"] == []


def test_a_tag_is_renamed_with_those_below_and_undone(call: Call) -> None:
    link = save(call, "https://a.example/", tags=["js", "js/react", "web"])
    done = call("POST", "/tags/rename", json={"tag": "JS", "name": "JavaScript"})
    assert call("GET", f"/links/{link}")["tags"] == ["JavaScript", "JavaScript/react", "web"]
    assert set(counted(call)) == {"JavaScript", "JavaScript/react", "web"}
    call("POST", f"/batches/{done['batch']}/undo")
    assert call("GET", f"/links/{link}")["tags"] == ["js", "js/react", "web"]


def test_renaming_changes_the_case_alone_too(call: Call) -> None:
    link = save(call, "https://a.example/", tags=["python"])
    call("POST", "/tags/rename", json={"tag": "python", "name": "Python"})
    assert call("GET", f"/links/{link}")["tags"] == ["Python"]
    assert counted(call) == {"Python": (1, 1)}


def test_a_rename_to_a_tag_that_is_there_is_409_and_a_merge_is_not(call: Call) -> None:
    link = save(call, "https://a.example/", tags=["js", "javascript"])
    call("POST", "/tags/rename", 409, json={"tag": "js", "name": "javascript"})
    call("POST", "/tags/merge", json={"tags": ["js"], "into": "javascript"})
    assert call("GET", f"/links/{link}")["tags"] == ["javascript"]


def test_a_tag_is_deleted_and_its_links_stay(call: Call) -> None:
    link = save(call, "https://a.example/", tags=["misc", "misc/x", "web"])
    call("POST", "/tags/delete", json={"tag": "misc"})
    assert call("GET", f"/links/{link}")["tags"] == ["web"]
    call("POST", "/tags/delete", 404, json={"tag": "misc"})
    call("POST", "/tags/rename", 400, json={"tag": "web", "name": "web/x"})
