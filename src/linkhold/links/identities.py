"""Applying a newer rule of identity to links that were saved under an older one."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from sqlalchemy import Row, select
from sqlalchemy.orm import Session

from linkhold import clock
from linkhold.errors import NotALink
from linkhold.links import batches, bulk, changes, duplicates
from linkhold.links.batches import Done
from linkhold.links.changes import BATCH, Difference, Origin
from linkhold.links.identity import VERSION, Identity, identify
from linkhold.links.models import Link

Rule = Callable[[str], Identity]


def current_rule(url: str) -> Identity:
    """Return the identity of a URL that was accepted once, whatever schemes are accepted now."""
    return identify(url, schemes=None)


def recompute(
    session: Session, owner: int, *, origin: Origin, rule: Rule = current_rule, version: int = VERSION
) -> Done:
    """Apply a rule to all links that have an older one's identity, as one batch that can be undone.

    Links whose identities become equal are merged into the oldest, and the others go to the trash
    with the identity that they had. What is in the trash keeps its identity.
    """
    query = select(Link.id).where(
        Link.owner_id == owner, Link.identity_version < version, Link.trashed_at.is_(None)
    )
    ids = session.scalars(query.order_by(Link.id)).all()
    summary = f"applied version {version} of the identity rule"
    batch = batches.begin(session, owner, kind="identified", summary=summary, origin=origin)
    count = 0
    for start in range(0, len(ids), BATCH):
        plan = list(_planned(session, owner, ids[start : start + BATCH], rule, version=version))
        count += changes.record(session, owner, plan, kind="identified", origin=origin, batch=batch.id)
    return batches.finish(session, batch, count)


def _planned(
    session: Session, owner: int, ids: Sequence[int], rule: Rule, *, version: int
) -> Iterator[Difference]:
    outdated = {link.id: _identity(link, rule) for link in bulk.locked(session, owner, ids)}
    hashes = [identity.hash for identity in outdated.values()]
    query = select(Link.identity, Link.id).where(Link.owner_id == owner, Link.identity_hash.in_(hashes))
    holders = {row.identity: row.id for row in session.execute(query)}
    # Of those that become one, the oldest stays; one that has the identity already stays in any case.
    joined: dict[int, list[int]] = {}
    for link_id, identity in outdated.items():
        joined.setdefault(holders.setdefault(identity.text, link_id), []).append(link_id)
    links = {link.id: link for link in bulk.locked(session, owner, [*outdated, *joined])}
    for keeper, members in joined.items():
        others = [links[each] for each in members if each != keeper]
        yield from _merged(links[keeper], others, outdated.get(keeper), version=version)


def _merged(
    kept: Row[Any], others: list[Row[Any]], identity: Identity | None, *, version: int
) -> Iterator[Difference]:
    after: dict[str, Any] = dict(duplicates.united(kept, others)) if others else {}
    if others and kept.trashed_at is not None:
        after["trashed_at"] = None
    if identity is not None:
        after["identity_version"] = version
        if identity.text != kept.identity:
            after["identity"] = identity.text
    if after:
        yield Difference(kept, after)
    now = clock.now()
    for other in others:
        yield Difference(other, {"trashed_at": now})


def _identity(link: Row[Any], rule: Rule) -> Identity:
    try:
        return rule(link.url)
    except NotALink:
        # What was accepted once is kept, whatever a newer parser thinks of it.
        return Identity(link.identity)
