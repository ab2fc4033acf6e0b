"""What is found through `/api/v1`: pages, counts, fields, highlights, streams."""

from __future__ import annotations

import orjson
import pytest
from flask.testing import FlaskClient

from doors.v1.calls import Call, ids, save
from linkhold.doors.v1 import listing


def test_a_search_finds_by_words_tags_sites_and_states(call: Call) -> None:
    flask = save(call, "https://flask.example/docs", title="The Flask documentation", tags=["python/web"])
    rails = save(call, "https://rails.example/", title="Rails guides", unread=True)
    assert ids(call, "documented") == [flask]
    assert ids(call, "#python") == [flask]
    assert ids(call, "site:rails.example is:unread") == [rails]
    assert ids(call, "flask or rails") == [rails, flask]
    assert ids(call, "-flask") == [rails]


def test_the_answer_says_how_the_search_was_understood(call: Call) -> None:
    found = call("GET", "/links", query_string={"q": "(flask OR is:lost added:never"})
    assert found["understood"] == "flask or lost"
    assert len(found["remarks"]) == 3


def test_pages_follow_one_another_in_every_order(call: Call) -> None:
    for number in range(7):
        save(call, f"https://a.example/{number}", title=f"word {'gfedcba'[number]}")
    for sort in ("added", "changed", "title", "relevance"):
        query, seen, cursor = {"q": "word", "limit": 3, "sort": sort}, [], None
        while True:
            page = call("GET", "/links", query_string=query | ({"cursor": cursor} if cursor else {}))
            seen += [link["id"] for link in page["links"]]
            cursor = page["next"]
            if cursor is None:
                break
        assert len(seen) == len(set(seen)) == 7
        assert seen == sorted(seen, reverse=True), sort  # saved in the order of all of these


def test_a_cursor_of_another_order_is_refused(call: Call) -> None:
    for number in range(3):
        save(call, f"https://a.example/{number}")
    cursor = call("GET", "/links", query_string={"limit": 1})["next"]
    call("GET", "/links", 400, query_string={"limit": 1, "cursor": cursor, "sort": "title"})


def test_a_count_is_exact_when_all_was_seen(call: Call) -> None:
    for number in range(3):
        save(call, f"https://a.example/{number}", title="word")
    assert call("GET", "/links", query_string={"q": "word"})["count"] == {"value": 3, "exact": True}


def test_only_the_wanted_fields_are_answered(call: Call) -> None:
    save(call, "https://a.example/", title="A")
    (link,) = call("GET", "/links", query_string={"fields": "url,title"})["links"]
    assert link == {"url": "https://a.example/", "title": "A"}
    call("GET", "/links", 400, query_string={"fields": "password"})


def test_hits_are_highlighted(call: Call) -> None:
    save(call, "https://a.example/", title="Running in Łódź", notes="東京都庁に行く")
    (link,) = call("GET", "/links", query_string={"q": "lodz runs", "highlight": "true"})["links"]
    (title,) = link["highlights"]
    assert [title["text"][start:end] for start, end in title["marks"]] == ["Running", "Łódź"]
    (link,) = call("GET", "/links", query_string={"q": "京都", "highlight": "true"})["links"]
    (notes,) = link["highlights"]
    assert [notes["text"][start:end] for start, end in notes["marks"]] == ["京都"]


def test_a_stream_has_all_that_is_found_a_line_each(
    client: FlaskClient, call: Call, authorized: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listing, "STREAMED_AT_ONCE", 2)
    for number in range(5):
        save(call, f"https://a.example/{number}")
    headers = authorized | {"Accept": "application/x-ndjson"}
    for query, lines in (({}, 5), ({"limit": 3}, 3), ({"q": "nothing"}, 0)):
        answer = client.get("/api/v1/links", query_string=query, headers=headers)
        assert answer.mimetype == "application/x-ndjson"
        assert len({orjson.loads(line)["id"] for line in answer.text.splitlines()}) == lines


def test_the_trash_is_searched_when_it_is_named(call: Call) -> None:
    kept, thrown = save(call, "https://a.example/word"), save(call, "https://b.example/word")
    call("DELETE", f"/links/{thrown}", 204)
    assert ids(call, "word") == [kept]
    assert ids(call, "word is:trashed") == [thrown]
    assert ids(call, "word", trashed="true") == [thrown]
