"""Near-duplicates through `/api/v1`, a page at a time."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient

PATH = "/api/v1/duplicates"


def test_the_next_page_is_asked_for_by_a_string_that_no_program_rounds(
    client: FlaskClient, authorized: dict[str, str]
) -> None:
    for number in range(3):
        for scheme in ("http", "https"):
            url = f"{scheme}://{number}.example/"
            assert client.post("/api/v1/links", json={"url": url}, headers=authorized).status_code == 201
    seen: list[set[str]] = []
    after: dict[str, str] = {}
    for _page in range(3):
        answer = client.get(PATH, query_string={"limit": 1, **after}, headers=authorized).get_json()
        (group,) = answer["groups"]
        seen.append({link["url"].partition("//")[2] for link in group["links"]})
        assert isinstance(answer["next"], str)
        after = {"after": answer["next"]}
    assert sorted(map(list, seen)) == [["0.example/"], ["1.example/"], ["2.example/"]]
    last = client.get(PATH, query_string=after, headers=authorized).get_json()
    assert last == {"groups": [], "next": None}


@pytest.mark.parametrize(("after", "status"), [("9" * 19, 200), ("9" * 20, 400), ("-1", 400), ("x", 400)])
def test_a_page_after_what_is_no_such_string_is_refused(
    client: FlaskClient, authorized: dict[str, str], after: str, status: int
) -> None:
    assert client.get(PATH, query_string={"after": after}, headers=authorized).status_code == status
