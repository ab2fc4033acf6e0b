"""What a link takes over from those that are merged into it, by tables: every word of theirs."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy.orm import Session

from conftest import ORIGIN
from linkhold.accounts.models import Account
from linkhold.links import duplicates, saving, trash
from linkhold.links.drafting import Drafting
from linkhold.links.models import Link


def link(**fields: Any) -> Any:
    """Return what `united` looks at."""
    return Drafting().draft("https://example.com/", **fields)


@pytest.mark.parametrize(
    ("kept", "others", "notes"),
    [
        # A text that differs goes below the notes, in the order of the other's fields.
        ({"title": "A"}, [{"title": "B"}], "B"),
        (
            {"title": "A", "notes": "N"},
            [{"title": "B", "description": "D"}, {"description": "E"}],
            "N\n\nB\n\nE",
        ),
        (
            {"title": "A", "description": "D"},
            [{"title": "B", "description": "E", "notes": "M"}],
            "B\n\nE\n\nM",
        ),
        # What fills a blank is not added as well, and what is there already is not added again.
        ({}, [{"title": "B", "notes": "M"}, {"title": "B", "notes": "M"}], "M"),
        ({"title": "A", "notes": "x\n\nB\n\ny"}, [{"title": "B"}], "x\n\nB\n\ny"),
        ({"title": "A", "notes": "x\n \ny\r\n\r\nz"}, [{"notes": "y\n\nz\n"}], "x\n \ny\r\n\r\nz"),
        ({"title": "A", "notes": "A"}, [{"notes": "A", "description": "A"}], "A"),
        ({"notes": "  code"}, [{"notes": " \n\n "}], "  code"),
        # Only whole paragraphs are the same.
        ({"notes": "todolist"}, [{"notes": "todo"}], "todolist\n\ntodo"),
        ({"notes": "x\n\ny"}, [{"notes": "x\n\nz"}], "x\n\ny\n\nx\n\nz"),
        ({"notes": "x\n\ny\n\nz"}, [{"notes": "x\n\nz"}], "x\n\ny\n\nz\n\nx\n\nz"),
        ({"title": "todolist"}, [{"title": "todo"}], "todo"),
    ],
)
def test_no_word_of_the_others_is_lost(
    kept: dict[str, Any], others: list[dict[str, Any]], notes: str
) -> None:
    united = duplicates.united(link(**kept), [link(**each) for each in others])
    assert united.get("notes", kept.get("notes", "")) == notes


def test_words_that_differ_outlast_the_trash(session: Session, account: Account) -> None:
    """Also where there is no room for them by the limit on what is sent."""
    limit = Drafting().limits.notes
    drafts = [
        Drafting().draft("https://a.example/", title="A", notes="a" * limit),
        Drafting().draft("http://a.example/", title="B", notes="b" * limit),
    ]
    keep, other = (saving.save(session, account.id, draft, origin=ORIGIN).link.id for draft in drafts)
    duplicates.merge(session, account.id, keep, [other], origin=ORIGIN)
    trash.empty(session, account.id)
    kept = session.get_one(Link, (account.id, keep), populate_existing=True)
    assert kept.notes == f"{'a' * limit}\n\nB\n\n{'b' * limit}"
