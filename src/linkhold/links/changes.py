"""The history: one change for each difference to a link, in the transaction that makes it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy.orm import Session

from linkhold import clock
from linkhold.links.models import Change, Link

Kind = Literal["added", "merged", "edited", "trashed", "restored"]


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a change came from: the door, and the label of the token if there was one."""

    door: str
    token: str | None = None


# Derived from the URL: the history tells the URL, and the rule can be applied to it again.
DERIVED = frozenset({"identity", "identity_hash", "identity_version"})


def apply(
    session: Session,
    link: Link,
    *,
    kind: Kind,
    origin: Origin,
    after: Mapping[str, Any],
    sent_url: str | None = None,
) -> None:
    """Give fields of a locked link new values, and record what they were before, in two statements.

    `after` has the fields that differ, by name. `sent_url` is the URL as it was sent, when it is
    another form of the link's own.
    """
    told = [name for name in after if name not in DERIVED]
    change = Change(
        owner_id=link.owner_id,
        link_id=link.id,
        kind=kind,
        door=origin.door,
        token=origin.token,
        made_at=clock.now(),
        before={name: getattr(link, name) for name in told},
        after={name: after[name] for name in told},
        sent_url=sent_url,
    )
    for name, value in after.items():
        setattr(link, name, value)
    if after:
        link.changed_at = change.made_at
    session.add(change)
    session.flush()
