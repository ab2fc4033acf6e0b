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
    for none in ("", " ", '"\xc3\xa9"'):
        call("PATCH", f"/links/{link}", 412, json={"title": "B"}, headers={"If-Match": none})
        call("DELETE", f"/links/{link}", 412, headers={"If-Match": none})
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


def test_what_is_compressed_has_a_tag_of_its_own_and_either_is_known(
    client: FlaskClient, call: Call, authorized: dict[str, str]
) -> None:
    """RFC 9110, 8.8.3.3."""
    link = save(call, "https://a.example/", notes="n" * 2000)
    zipped = client.get(f"/api/v1/links/{link}", headers={**authorized, "Accept-Encoding": "gzip"})
    assert (zipped.headers["ETag"], zipped.headers["Content-Encoding"]) == ('"1-gzip"', "gzip")
    plain = client.get(f"/api/v1/links/{link}", headers=authorized)
    assert plain.headers["ETag"] == '"1"'
    for tag in ('"1"', '"1-gzip"', '"0", "1-gzip"'):
        for encodings in ("gzip", "identity"):
            asked = {**authorized, "If-None-Match": tag, "Accept-Encoding": encodings}
            assert client.get(f"/api/v1/links/{link}", headers=asked).status_code == 304
    call("GET", f"/links/{link}", 200, headers={"If-None-Match": '"2-gzip"'})
    call("GET", f"/links/{link}", 200, headers={"If-Match": '"1-gzip"'})
    call("PATCH", f"/links/{link}", json={"title": "A"}, headers={"If-Match": '"1-gzip"'})
    call("PATCH", f"/links/{link}", 412, json={"title": "B"}, headers={"If-Match": '"1-gzip"'})


def test_a_merge_patch_edits(client: FlaskClient, call: Call, authorized: dict[str, str]) -> None:
    link = save(call, "https://a.example/", title="A", notes="N")
    answer = client.patch(
        f"/api/v1/links/{link}",
        data='{"title": null, "notes": "M"}',
        content_type="application/merge-patch+json",
        headers=authorized,
    )
    assert (answer.get_json()["title"], answer.get_json()["notes"]) == ("", "M")
