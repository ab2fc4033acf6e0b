"""Saving for whoever calls, as every door does it."""

from __future__ import annotations

from collections.abc import Callable

from linkhold import metrics
from linkhold.doors import current
from linkhold.links import idempotency, saving
from linkhold.links.adding import Saved
from linkhold.links.drafting import Draft
from linkhold.links.idempotency import Answer


def save(draft: Draft) -> Saved:
    """Save a draft into the caller's library; it is durable when this returns.

    Most saves are of new links, and those are one statement, which is its own transaction: one
    round trip instead of three, and one for all that come at one moment. A known link is merged, in
    a transaction that locks it.
    """
    runtime, caller = current.runtime(), current.caller()
    added = runtime.gathering.add(runtime.direct, caller.account_id, draft, origin=caller.origin)
    if added is not None:
        return counted(added)
    with runtime.transaction() as session:
        saved = saving.save(session, caller.account_id, draft, origin=caller.origin)
    return counted(saved)


def save_once(key: str, draft: Draft, *, fingerprint: bytes, answer: Callable[[Saved], Answer]) -> Answer:
    """Save a draft and keep the answer by its `Idempotency-Key`, in one transaction, or return what was kept.

    `fingerprint` tells one request from another. Raises what `idempotency.claim` raises.
    """
    caller = current.caller()
    with current.runtime().transaction() as session:
        kept = idempotency.claim(session, caller.account_id, key, fingerprint=fingerprint)
        if kept is not None:
            return kept
        saved = saving.save(session, caller.account_id, draft, origin=caller.origin)
        given = answer(saved)
        idempotency.keep(session, caller.account_id, key, given)
    counted(saved)
    return given


def counted(saved: Saved) -> Saved:
    """Count a save that is committed, for whoever watches, and return it."""
    metrics.SAVES.labels("added" if saved.created else "merged").inc()
    return saved
