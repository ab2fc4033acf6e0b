"""A change, as a sentence."""

from __future__ import annotations

import pytest

from linkhold.links import history
from linkhold.links.models import Change

LONG = "The first words of a text that goes on for longer than any message has room for, and ends so"


def edited(field: str, before: str, after: str) -> str:
    return history.told(Change(kind="edited", before={field: before}, after={field: after}))


@pytest.mark.parametrize("field", ["notes", "description"])
@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        ("", LONG, "{field} added"),
        (LONG, "", "{field} removed"),
        (LONG, f"{LONG}\n\nmore", "text added to the {field}"),
        (LONG, f"Not so. {LONG}", "{field} changed"),
    ],
)
def test_a_long_text_is_not_told_but_what_became_of_it(
    field: str, before: str, after: str, told: str
) -> None:
    assert edited(field, before, after) == told.format(field=field)


def test_a_title_is_told_with_what_it_was() -> None:
    assert edited("title", "A", "B") == "title from “A” to “B”"
    assert edited("title", "", "B") == "title from nothing to “B”"


def test_what_differs_at_the_end_of_long_titles_is_shown() -> None:
    told = edited("title", f"{LONG} here", f"{LONG} there")
    assert told == "title from “…and ends so here” to “…and ends so there”"


def test_another_form_of_the_url_that_was_saved_is_told() -> None:
    sent = "https://example.com/?utm_source=mail"
    told = history.told(Change(kind="merged", before={"tags": []}, after={"tags": ["t"]}, sent_url=sent))
    assert told == f"saved again; added tag t; sent as “{sent}”"
    assert history.told(Change(kind="merged", before={}, after={}, sent_url=sent)).endswith(
        f"sent as “{sent}”"
    )
