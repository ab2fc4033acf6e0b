"""Reading: pages by cursor, the trash apart, all URLs in batches."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import update
from sqlalchemy.orm import Session

from linkhold.accounts.models import Account
from linkhold.errors import BadInput, NotFound
from linkhold.links import reading, trash
from linkhold.links.changes import Origin
from linkhold.links.models import Link
from linkhold.links.reading import Cursor


def test_pages_follow_each_other_without_gap_or_repetition(
    session: Session, account: Account, make_link: Callable[..., Link]
) -> None:
    ids = [make_link(account).id for _ in range(7)]
    # Links of one import have one moment: the id tells them apart.
    session.execute(
        update(Link).where(Link.id.in_(ids[2:6])).values(created_at=make_link(account).created_at)
    )
    seen: list[int] = []
    after: Cursor | None = None
    while True:
        page = reading.newest(session, account.id, limit=3, after=after)
        seen += [link.id for link in page.links]
        if page.next is None:
            break
        after = Cursor.parse(str(page.next))
    assert len(seen) == 8
    assert len(set(seen)) == 8


def test_the_trash_is_listed_apart_the_last_trashed_first(
    session: Session, account: Account, make_link: Callable[..., Link]
) -> None:
    one, two, three = (make_link(account) for _ in range(3))
    for link in (three, one):
        trash.trash(session, account.id, link.id, origin=Origin("test"))
    assert [link.id for link in reading.newest(session, account.id, limit=9).links] == [two.id]
    trashed = reading.newest(session, account.id, limit=1, trashed=True)
    assert [link.id for link in trashed.links] == [one.id]
    rest = reading.newest(session, account.id, limit=9, after=trashed.next, trashed=True)
    assert [link.id for link in rest.links] == [three.id]


@pytest.mark.parametrize("bad", ["", "x", "!!!!", "AAAA", "é", "A" * 400, "f" * 22])
def test_a_cursor_that_nobody_gave_out_is_refused(bad: str) -> None:
    with pytest.raises(BadInput, match="cursor"):
        Cursor.parse(bad)


def test_urls_come_in_batches_oldest_first_without_the_trash(
    session: Session, account: Account, make_link: Callable[..., Link]
) -> None:
    links = [make_link(account, f'https://example.com/"{number}"\\é') for number in range(5)]
    trash.trash(session, account.id, links[1].id, origin=Origin("test"))
    first = reading.url_batch(session, account.id, after=0, size=3)
    assert first is not None
    assert first[0].count(",") == 2
    second = reading.url_batch(session, account.id, after=first[1], size=3)
    assert second == (r'"https://example.com/\"4\"\\é"', links[4].id)
    assert reading.url_batch(session, account.id, after=links[4].id, size=3) is None


def test_a_link_of_another_account_is_not_found(
    session: Session, make_account: Callable[..., Account], make_link: Callable[..., Link]
) -> None:
    link = make_link(make_account())
    with pytest.raises(NotFound):
        reading.get(session, make_account().id, link.id)
