"""Applying a newer rule of identity to links that were saved under an older one."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, select
from sqlalchemy.orm import Session

from linkhold import clock
from linkhold.errors import Conflict, NotALink
from linkhold.links import batches, bulk, changes, duplicates, moving
from linkhold.links.batches import Done
from linkhold.links.changes import BATCH, Difference, Origin
from linkhold.links.identity import VERSION, Identity, given_way, identify, own
from linkhold.links.models import Link

Rule = Callable[[str], Identity]


def current_rule(url: str) -> Identity:
    """Return the identity of a URL that was accepted once, whatever schemes are accepted now."""
    return identify(url, schemes=None)


@dataclass(frozen=True, slots=True)
class Plan:
    """Which links become one, and which identities change hands."""

    keepers: Mapping[int, int]
    """By each link that becomes one with another: that other."""
    granted: Mapping[int, str]
    """By each link that comes to have another identity: that identity."""


def recompute(
    session: Session, owner: int, *, origin: Origin, rule: Rule = current_rule, version: int = VERSION
) -> Done:
    """Apply a rule to all links that have an older one's identity, as one batch that can be undone.

    Links whose identities become equal are merged into the oldest, and the others go to the trash
    with the identity that they had. What is in the trash keeps its identity, unless one that is not
    comes to have it and the two are not the same: then it gives way. Raises `Conflict` when saves
    kept taking identities meanwhile.
    """
    query = select(Link.id).where(
        Link.owner_id == owner, Link.identity_version < version, Link.trashed_at.is_(None)
    )
    ids = session.scalars(query.order_by(Link.id)).all()
    summary = f"applied version {version} of the identity rule"
    batch = batches.begin(session, owner, kind="identified", summary=summary, origin=origin)
    plan = _settled(session, owner, _moved(session, owner, ids, rule), rule)
    differences = _differences(session, owner, ids, plan, version=version)
    count = changes.record(session, owner, differences, kind="identified", origin=origin, batch=batch.id)
    return batches.finish(session, batch, count)


def planned(moved: Mapping[int, str], holders: Mapping[str, int], *, kept_apart: set[int]) -> Plan:
    """Return what becomes of links whose identities change, given those that have these now. Pure.

    Of those that come to have one identity, one that has it already and stays is kept, else the
    oldest. `kept_apart` are those in the trash that are not the same by the new rule. Who has an
    identity to which another moves, and does not move away itself, gives way.
    """
    first: dict[str, int] = {}
    for link_id, text in sorted(moved.items()):
        first.setdefault(text, link_id)
    stays = {
        text: holder for text, holder in holders.items() if holder not in kept_apart and holder not in moved
    }
    one = first | {text: holder for text, holder in stays.items() if text in first}
    keepers = {link_id: one[text] for link_id, text in moved.items() if one[text] != link_id}
    granted = {keeper: text for text, keeper in one.items() if keeper in moved}
    left = {holders[text]: text for text in granted.values() if holders.get(text) not in {None, *granted}}
    return Plan(keepers, granted | {holder: given_way(text, holder) for holder, text in left.items()})


def _moved(session: Session, owner: int, ids: Sequence[int], rule: Rule) -> dict[int, str]:
    """Return the links of which a rule says otherwise than before, locked, with what it says."""
    moved = {}
    for link in bulk.locked(session, owner, ids):
        identity = _identity(link, rule)
        if identity.text != link.identity:
            moved[link.id] = identity.text
    return moved


def _settled(session: Session, owner: int, moved: Mapping[int, str], rule: Rule) -> Plan:
    """Make a plan, and give the links their identities before anything else is written."""
    for _ in range(moving.TRIES):
        found = moving.holders(session, owner, moved.values())
        others = {
            row.id for text, row in found.items() if row.trashed_at and _identity(row, rule).text != text
        }
        plan = planned(moved, {text: row.id for text, row in found.items()}, kept_apart=others)
        if moving.take(session, owner, plan.granted):
            return plan
    raise Conflict("Links kept appearing while identities were computed. Try again.")


def _differences(
    session: Session, owner: int, ids: Sequence[int], plan: Plan, *, version: int
) -> Iterator[Difference]:
    outdated, joined = set(ids), dict[int, list[int]]()
    for link_id, keeper in sorted(plan.keepers.items()):
        joined.setdefault(keeper, []).append(link_id)
    now = clock.now()
    every = sorted((outdated | joined.keys() | plan.granted.keys()) - plan.keepers.keys())
    for start in range(0, len(every), BATCH):
        some = every[start : start + BATCH]
        members = [each for link_id in some for each in joined.get(link_id, ())]
        links = {link.id: link for link in bulk.locked(session, owner, [*some, *members])}
        for link_id in some:
            others = [links[each] for each in joined.get(link_id, ())]
            new = {"identity_version": version} if link_id in outdated else {}
            yield from _merged(links[link_id], others, plan, new=new, now=now)


def _merged(
    kept: Row[Any], others: Sequence[Row[Any]], plan: Plan, *, new: Mapping[str, Any], now: datetime
) -> Iterator[Difference]:
    after: dict[str, Any] = dict(duplicates.united(kept, others)) if others else {}
    if others and kept.trashed_at is not None:
        after["trashed_at"] = None
    after |= {**new, **_granted(kept, plan)}
    if after:
        yield Difference(kept, after)
    for other in others:
        yield Difference(other, {"trashed_at": now} | _granted(other, plan))


def _granted(link: Row[Any], plan: Plan) -> dict[str, Any]:
    return {"identity": plan.granted[link.id]} if link.id in plan.granted else {}


def _identity(link: Row[Any], rule: Rule) -> Identity:
    try:
        return rule(link.url)
    except NotALink:
        # What was accepted once is kept, whatever a newer parser thinks of it.
        return Identity(own(link.identity) or link.identity)
