"""Versions of a link through `/api/v1`: nobody overwrites what they have not seen."""

from __future__ import annotations

from flask.testing import FlaskClient

from doors.v1.calls import Call, save


def test_an_edit_of_what_was_changed_meanwhile_is_412(call: Call) -> None:
    link = save(call, "https://a.example/")
    call("PATCH", f"/links/{link}", json={"title": "A"}, headers={"If-Match": '"1"'})
    call("PATCH", f"/links/{link}", 412, json={"title": "B"}, headers={"If-Match": '"1"'})
    call("DELETE", f"/links/{link}", 412, headers={"If-Match": '"1"'})
    call("PATCH", f"/links/{link}", 412, json={"title": "B"}, headers={"If-Match": "W/nonsense"})
    for tags in ('"3", "1"', 'W/"2"', "1", '"2" "1"', '"x1"', '"1', '" ", ' * 3000 + "x"):
        call("PATCH", f"/links/{link}", 412, json={"title": "B"}, headers={"If-Match": tags})
    assert call("GET", f"/links/{link}")["title"] == "A"
    call("PATCH", f"/links/{link}", json={"title": "B"}, headers={"If-Match": "*"})
    for tags in ('"3", "1"', '"x" ,W/"9",, "4"', ', "5"'):
        call("PATCH", f"/links/{link}", json={"title": tags}, headers={"If-Match": tags})


def test_a_client_that_has_the_version_gets_304(call: Call) -> None:
    link = save(call, "https://a.example/")
    call("GET", f"/links/{link}", 304, headers={"If-None-Match": '"1"'})
    call("GET", f"/links/{link}", 200, headers={"If-None-Match": '"2"'})


def test_a_merge_patch_edits(client: FlaskClient, call: Call, authorized: dict[str, str]) -> None:
    link = save(call, "https://a.example/", title="A", notes="N")
    answer = client.patch(
        f"/api/v1/links/{link}",
        data='{"title": null, "notes": "M"}',
        content_type="application/merge-patch+json",
        headers=authorized,
    )
    assert (answer.get_json()["title"], answer.get_json()["notes"]) == ("", "M")
