"""What a library needs now and then: the trash's retention, old answers forgotten, and tag counts folded.

Every process that serves has a thread for it, under gunicorn from its first request on; a lock in the
database lets one of them do it at a time.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import text

from linkhold import clock
from linkhold.accounts import accounts
from linkhold.db import engine as engines
from linkhold.errors import LinkholdError
from linkhold.links import idempotency, tag_counts, trash
from linkhold.runtime import Runtime

FIRST_SECONDS = 30.0
EVERY_SECONDS = 600.0
PORTION = 10_000
"""How many links are destroyed in one transaction: none may take longer than a statement may."""
LOCK = int.from_bytes(b"upkeep")

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Kept:
    """What one round did."""

    destroyed: int
    """Links whose time in the trash was up."""
    folded: int
    """Libraries whose tag counts were folded."""


def once(runtime: Runtime, *, moved: Callable[[], None] = lambda: None) -> Kept | None:
    """Do what is due for every account, each in a transaction of its own; None if another process does it.

    `moved` is called after each transaction: a round takes as long as it takes, its parts do not.
    Raises `DatabaseAway`.
    """
    with engines.translated(), engines.transactional(runtime.engine).begin() as connection:
        # This transaction only holds the lock, and idles while others do the work: it has no snapshot and
        # wrote nothing, so that it is in nobody's way, and may take as long as the round does.
        connection.execute(text("SET LOCAL idle_in_transaction_session_timeout = 0"))
        if not connection.scalar(text("SELECT pg_try_advisory_xact_lock(:lock)"), {"lock": LOCK}):
            return None
        with runtime.reading() as session:
            every = [(account.id, account.trash_days) for account in accounts.every(session)]
        moved()
        destroyed = sum(_retain(runtime, owner, days, moved) for owner, days in every if days is not None)
        folded = sum(_fold(runtime, owner, moved) for owner, _ in every)
    return Kept(destroyed, folded)


def _retain(runtime: Runtime, owner: int, days: int, moved: Callable[[], None]) -> int:
    before, destroyed = clock.now() - timedelta(days=days), 0
    while done := _destroy(runtime, owner, before):
        destroyed += done
        moved()
    if destroyed:
        log.info(
            "Destroyed %s links that were in the trash of account %s for %s days", destroyed, owner, days
        )
        runtime.bell.ring(owner)
    return destroyed


def _destroy(runtime: Runtime, owner: int, before: datetime) -> int:
    with runtime.transaction() as session:
        return trash.empty(session, owner, before=before, most=PORTION)


def _fold(runtime: Runtime, owner: int, moved: Callable[[], None]) -> bool:
    with runtime.transaction() as session:
        # Here as well, because most accounts have nothing to fold, and one transaction does for both.
        idempotency.clear_expired(session, owner)
        was_worth_it = tag_counts.fold_if_worth_it(session, owner)
    moved()
    return was_worth_it


def start(runtime: Runtime) -> None:
    """Do it from time to time, in a thread that ends with the process."""
    threading.Thread(target=_later, args=(runtime,), name="upkeep", daemon=True).start()


def _later(runtime: Runtime) -> None:
    clock.sleep(FIRST_SECONDS)
    while True:
        attempt(runtime)
        clock.sleep(EVERY_SECONDS)


def attempt(runtime: Runtime, *, moved: Callable[[], None] = lambda: None) -> None:
    """Do one round as `once` does; what goes wrong is logged, and the next round may succeed."""
    try:
        once(runtime, moved=moved)
    except LinkholdError as error:
        log.warning("Upkeep is put off: %s", error.message)
    except Exception:
        # Whoever repeats this must outlive what nobody thought of.
        log.exception("Upkeep failed")
