"""Undo of what was destroyed: refused, and no hindrance for all else."""

from __future__ import annotations

import pytest
from sqlalchemy.orm import Session

from conftest import ORIGIN
from linkhold import clock
from linkhold.accounts.models import Account
from linkhold.errors import Conflict
from linkhold.links import history, trash, undoing
from linkhold.links.undoing import DESTROYED
from links.acts import Edit, Make, reasons


def test_the_end_of_a_link_cannot_be_undone_by_any_way(
    session: Session, account: Account, saved_link: Make
) -> None:
    link = saved_link(account)
    trash.trash(session, account.id, link.id, origin=ORIGIN)
    moment = clock.now()
    trash.empty(session, account.id)
    session.expunge_all()
    end = history.latest(session, account.id, link.id).id
    with pytest.raises(Conflict, match=DESTROYED):
        undoing.undo_change(session, account.id, link.id, end, origin=ORIGIN)
    with pytest.raises(Conflict, match=DESTROYED):
        undoing.undo_since(session, account.id, moment, origin=ORIGIN)


def test_what_can_be_undone_beside_what_was_destroyed_is_undone(
    session: Session, account: Account, saved_link: Make, edit: Edit
) -> None:
    gone, link = saved_link(account), saved_link(account, title="A")
    moment = clock.now()
    edit(link, title="B")
    trash.trash(session, account.id, gone.id, origin=ORIGIN)
    trash.empty(session, account.id)
    undone = undoing.undo_since(session, account.id, moment, origin=ORIGIN)
    assert reasons(undone) == [(gone.id, DESTROYED)]
    session.refresh(link)
    assert link.title == "A"
