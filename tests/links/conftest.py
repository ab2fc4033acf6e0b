"""Acts on links as a person carries them out, in the session of the test."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy.orm import Session

from conftest import NUMBERS, ORIGIN
from linkhold.accounts.models import Account
from linkhold.links import editing, history, saving, undoing
from linkhold.links.models import Link
from linkhold.links.undoing import Undone
from links.acts import DRAFTING, Edit, Make, Undo


@pytest.fixture
def saved_link(session: Session) -> Make:
    """Save a link in the session of the test, so that it can be read again."""

    def make(account: Account, url: str | None = None, **fields: Any) -> Link:
        draft = DRAFTING.draft(url or f"https://example.com/{next(NUMBERS)}", **fields)
        link = saving.save(session, account.id, draft, origin=ORIGIN).link
        return session.get_one(Link, (account.id, link.id))

    return make


@pytest.fixture
def edit(session: Session, account: Account) -> Edit:
    """Edit a link by hand; returns the change."""

    def change(link: Link, **fields: object) -> int:
        editing.edit(session, account.id, link.id, DRAFTING.edit(**fields), origin=ORIGIN)  # type: ignore[arg-type]
        return history.latest(session, account.id, link.id).id

    return change


@pytest.fixture
def undo(session: Session, account: Account) -> Undo:
    """Undo a batch."""

    def act(batch: int) -> Undone:
        undone = undoing.undo_batch(session, account.id, batch, origin=ORIGIN)
        session.expire_all()
        return undone

    return act
