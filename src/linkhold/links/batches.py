"""Batches: the changes that one action made together, told and undone together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from linkhold import clock
from linkhold.errors import NotFound
from linkhold.links.changes import Origin
from linkhold.links.models import Batch


@dataclass(frozen=True, slots=True)
class Done:
    """What an action on many links did."""

    batch_id: int
    summary: str
    links: int
    """How many links it changed; those that were so already are not counted."""


def begin(session: Session, owner: int, *, kind: str, summary: str, origin: Origin) -> Batch:
    """Make a batch for changes that follow in this transaction."""
    batch = Batch(
        owner_id=owner,
        kind=kind,
        summary=summary,
        door=origin.door,
        token=origin.token,
        made_at=clock.now(),
        links=0,
    )
    session.add(batch)
    session.flush()
    return batch


def finish(session: Session, batch: Batch, links: int) -> Done:
    """Note how many links a batch changed."""
    batch.links = links
    session.flush()
    return Done(batch.id, batch.summary, links)


def get(session: Session, owner: int, batch_id: int) -> Batch:
    """Return a batch; raises `NotFound`."""
    batch = session.get(Batch, (owner, batch_id))
    if batch is None:
        raise NotFound("There is no batch by this id in your library.")
    return batch


def newest(session: Session, owner: int, *, limit: int, before: int | None = None) -> Sequence[Batch]:
    """Return batches that changed something, the newest first, below an id."""
    query = select(Batch).where(Batch.owner_id == owner, Batch.links > 0)
    if before is not None:
        query = query.where(Batch.id < before)
    return session.scalars(query.order_by(Batch.id.desc()).limit(limit)).all()
