"""The whole library through `/api/v1`: search, bulk, history, undo, tags, saved searches, duplicates."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import orjson
import pytest
from flask.testing import FlaskClient

from linkhold.accounts.models import Account
from linkhold.doors.v1 import listing

Call = Callable[..., Any]


@pytest.fixture
def call(client: FlaskClient, authorized: dict[str, str]) -> Call:
    """Send a request, insist on its status, and return the JSON of the answer."""

    def send(method: str, path: str, status: int = 200, **sent: Any) -> Any:
        headers = authorized | sent.pop("headers", {})
        answer = client.open(f"/api/v1{path}", method=method, headers=headers, **sent)
        assert answer.status_code == status, answer.text
        return answer.get_json(silent=True)

    return send


def save(call: Call, url: str, status: int = 201, **fields: Any) -> int:
    return int(call("POST", "/links", status, json={"url": url, **fields})["id"])


def ids(call: Call, q: str, **params: Any) -> list[int]:
    found = call("GET", "/links", query_string={"q": q, **params})
    return [link["id"] for link in found["links"]]


# --- search ---


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


# --- conditional requests ---


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


# --- many at once ---


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


# --- history and undo ---


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


# --- tags ---


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


# --- saved searches ---


def test_saved_searches_are_kept_in_their_order(call: Call) -> None:
    made = [call("POST", "/searches", 201, json={"name": name, "query": "#x"})["id"] for name in "abc"]
    call("PATCH", f"/searches/{made[2]}", json={"position": 0, "name": "C"})
    listed = call("GET", "/searches")["searches"]
    assert [(each["name"], each["position"]) for each in listed] == [("C", 0), ("a", 1), ("b", 2)]
    call("DELETE", f"/searches/{made[0]}", 204)
    call("DELETE", f"/searches/{made[0]}", 404)
    call("POST", "/searches", 400, json={"name": " ", "query": "x"})


# --- near-duplicates ---


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


# --- account ---


# --- others ---


def test_another_account_reaches_none_of_it(
    call: Call, make_account: Callable[..., Account], make_token: Callable[..., str]
) -> None:
    link = save(call, "https://a.example/", tags=["mine"], title="word")
    batch = call("POST", "/links/bulk", json={"action": "edit", "ids": [link], "unread": True})["batch"]
    search = call("POST", "/searches", 201, json={"name": "s", "query": ""})["id"]
    change = call("GET", f"/links/{link}/history")["changes"][0]["id"]
    stranger = {"Authorization": f"Bearer {make_token(make_account())}"}
    for method, path, body in (
        ("GET", f"/links/{link}/history", None),
        ("POST", f"/links/{link}/history/{change}/undo", None),
        ("GET", f"/batches/{batch}", None),
        ("POST", f"/batches/{batch}/undo", None),
        ("PATCH", f"/searches/{search}", {"name": "t"}),
        ("DELETE", f"/searches/{search}", None),
        ("POST", "/tags/delete", {"tag": "mine"}),
        ("POST", "/duplicates/merge", {"keep": link, "ids": [link + 1]}),
    ):
        call(method, path, 404, json=body, headers=stranger)
    for path, name in (
        ("/links?q=word", "links"),
        ("/tags", "tags"),
        ("/batches", "batches"),
        ("/changes", "changes"),
    ):
        assert call("GET", path, headers=stranger)[name] == []
    assert (
        call("POST", "/links/bulk", json={"action": "trash", "ids": [link]}, headers=stranger)["links"] == 0
    )
    assert call("DELETE", "/trash", headers=stranger) == {"destroyed": 0}
    assert call("GET", f"/links/{link}")["trashed_at"] is None
