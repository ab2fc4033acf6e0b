"""Drafts: each limit is held, and the field that breaks it is named."""

from __future__ import annotations

import pytest

from linkhold.errors import BadInput, LimitExceeded
from linkhold.links.drafting import Drafting, Limits

SMALL = Drafting(Limits(url=30, title=5, description=6, notes=7, tags=1, tag=4))
URL = "https://example.com/"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("url", URL + "a" * 30),
        ("title", "123456"),
        ("description", "1234567"),
        ("notes", "12345678"),
        ("tags", ["a", "b"]),
        ("tags", ["abcde"]),
    ],
)
def test_a_value_over_a_limit_is_refused_by_name(field: str, value: object) -> None:
    with pytest.raises(LimitExceeded) as caught:
        SMALL.draft(**({"url": URL} | {field: value}))  # type: ignore[arg-type]
    assert [fault[0] for fault in caught.value.faults] == [field]


def test_values_at_the_limit_are_accepted() -> None:
    draft = SMALL.draft(URL + "a" * 10, title="12345", description="123456", notes="1234567", tags=["abcd"])
    assert (draft.title, draft.description, draft.notes, draft.tags) == (
        "12345",
        "123456",
        "1234567",
        ["abcd"],
    )


@pytest.mark.parametrize("bad", ["a\0", "\ud800"])
@pytest.mark.parametrize("field", ["title", "description", "notes"])
def test_text_that_postgresql_cannot_hold_is_refused(field: str, bad: str) -> None:
    with pytest.raises(BadInput, match=field):
        Drafting().draft(URL, **{field: bad})  # type: ignore[arg-type]


def test_the_url_is_kept_as_it_was_sent_but_for_space_around_it() -> None:
    draft = Drafting().draft(" HTTPS://Example.com:443/?utm_source=x \n")
    assert draft.url == "HTTPS://Example.com:443/?utm_source=x"
    assert draft.identity.text == "https://example.com/"


def test_an_edit_holds_only_what_was_given() -> None:
    edit = Drafting().edit(title=" A ")
    assert edit.title == "A"
    assert (edit.url, edit.identity, edit.tags, edit.unread) == (None, None, None, None)


@pytest.mark.parametrize(
    ("field", "value"),
    [("title", "123456"), ("description", "1234567"), ("notes", "12345678"), ("tags", ["ab", "abcde"])],
)
def test_an_edit_may_send_back_what_the_link_has_and_bring_no_more(field: str, value: object) -> None:
    """Merging can give a link more than an edit may: what was kept can always be kept."""
    edit = SMALL.edit(**{field: value})  # type: ignore[arg-type]
    edit.refuse_too_much({}, ["ab", "ABCDE"])
    if field == "tags":
        edit.refuse_too_much({field: value}, ["x", "ab", "ABCDE"])
    with pytest.raises(LimitExceeded) as caught:
        edit.refuse_too_much({field: value}, ["ab"])
    assert [fault[0] for fault in caught.value.faults] == [field]
