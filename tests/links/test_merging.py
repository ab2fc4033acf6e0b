"""Merging, by tables: saving a known link unites and never takes away."""

from __future__ import annotations

from typing import Any

import pytest

from linkhold.links import merging
from linkhold.links.drafting import Drafting

URL = "https://example.com/"
KEPT: dict[str, Any] = {"title": "Mine", "notes": "read it", "tags": ["a"], "unread": True}


@pytest.mark.parametrize(
    ("sent", "changed"),
    [
        ({}, {}),
        ({"title": "", "notes": "", "tags": []}, {}),
        ({"title": " ", "notes": "\n", "description": "\t"}, {}),
        ({"title": "Mine", "tags": ["A"]}, {}),
        ({"title": "Theirs"}, {"title": "Theirs"}),
        ({"description": "new"}, {"description": "new"}),
        ({"tags": ["b", "a"]}, {"tags": ["a", "b"]}),
        ({"unread": False}, {}),
        ({"archived": True, "shared": True}, {"archived": True, "shared": True}),
    ],
)
def test_what_a_save_of_a_known_link_changes(sent: dict[str, Any], changed: dict[str, Any]) -> None:
    kept = Drafting().draft(URL, **KEPT)
    assert merging.differences(kept, Drafting().draft(URL, **sent)) == changed
