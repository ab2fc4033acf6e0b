"""What tests of acts on links have in common: what their fixtures are, and how what was done is looked at."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import select
from sqlalchemy.orm import Session

from linkhold.accounts.models import Account
from linkhold.links import tag_counts
from linkhold.links.drafting import Drafting
from linkhold.links.models import Link
from linkhold.links.undoing import Undone

Make = Callable[..., Link]
Edit = Callable[..., int]
Undo = Callable[[int], Undone]
DRAFTING = Drafting()


def reasons(undone: Undone) -> list[tuple[int, str]]:
    """Return which links an undo left as they are, and why."""
    return [(each.link_id, each.reason) for each in undone.left]


def spelled(session: Session, account: Account) -> tuple[set[str], set[str]]:
    """Return the tags as links have them, and as the library has those that are in use."""
    session.expire_all()
    links = session.scalars(select(Link).where(Link.owner_id == account.id))
    return {tag for link in links for tag in link.tags}, {
        tag.name for tag in tag_counts.every(session, account.id) if tag.links
    }
