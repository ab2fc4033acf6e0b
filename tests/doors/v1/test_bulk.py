"""Many links at once through `/api/v1`, and their undo."""

from __future__ import annotations

from typing import Any

import pytest

from doors.v1.calls import Call, ids, save


def test_many_links_are_changed_by_a_search_and_undone_as_one(call: Call) -> None:
    saved = [save(call, f"https://a.example/{number}", tags=["old"]) for number in range(3)]
    edit = {"action": "edit", "q": "#old", "add_tags": ["new"], "remove_tags": ["OLD"], "archived": True}
    done = call("POST", "/links/bulk", json=edit)
    assert done["links"] == 3
    assert ids(call, "#new is:archived") == saved[::-1]
    assert ids(call, "#old") == []
    undone = call("POST", f"/batches/{done['batch']}/undo")
    assert (undone["links"], undone["left"]) == (3, [])
    assert ids(call, "#old not is:archived") == saved[::-1]
    again = call("POST", f"/batches/{undone['batch']}/undo")
    assert again["links"] == 3
    assert ids(call, "#new is:archived") == saved[::-1]


def test_many_links_go_to_the_trash_and_come_back(call: Call) -> None:
    saved = [save(call, f"https://a.example/{number}") for number in range(3)]
    assert call("POST", "/links/bulk", json={"action": "trash", "ids": saved[:2]})["links"] == 2
    assert ids(call, "") == [saved[2]]
    assert call("POST", "/links/bulk", json={"action": "restore", "ids": [*saved, 999_999]})["links"] == 2
    assert ids(call, "") == saved[::-1]


@pytest.mark.parametrize(
    "body",
    [
        {"action": "edit", "add_tags": ["a"]},
        {"action": "edit", "ids": [1], "q": "x", "add_tags": ["a"]},
        {"action": "edit", "ids": [1]},
        {"action": "explode", "ids": [1]},
        {"action": "trash", "ids": [0]},
        {"action": "edit", "ids": [1], "add_tags": ["a,b"]},
    ],
)
def test_what_makes_no_sense_for_many_is_400(call: Call, body: dict[str, Any]) -> None:
    call("POST", "/links/bulk", 400, json=body)
