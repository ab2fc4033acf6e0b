"""The brake on guessing: failed attempts are counted in PostgreSQL, so that all processes brake as one.

An attempt is counted before it is checked, and forgiven when it was right: a hundred guesses sent
at the same moment are then a hundred counted attempts, not one.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import text
from sqlalchemy.orm import Session

from linkhold import clock
from linkhold.accounts.accounts import name_key
from linkhold.errors import Throttled

FORGOTTEN_AFTER = timedelta(hours=1)
EVERY_FAILURE = 2**31 - 1
LOCK = text("""
    INSERT INTO failed_attempts (target, failures, last_at) VALUES (:target, 0, :now)
    ON CONFLICT (target) DO UPDATE SET target = excluded.target
    RETURNING failures, last_at
""")
COUNT = text("UPDATE failed_attempts SET failures = :failures, last_at = :now WHERE target = :target")
FORGIVE = text("UPDATE failed_attempts SET failures = greatest(failures - :taken, 0) WHERE target = :target")
REFUSED = text("UPDATE failed_attempts SET last_at = :now WHERE target = :target")
CLEAR = text("""
    DELETE FROM failed_attempts WHERE target IN (
        SELECT target FROM failed_attempts WHERE last_at < :before LIMIT 100 FOR UPDATE SKIP LOCKED
    )
""")
LONGEST_TARGET = 200


@dataclass(frozen=True, slots=True)
class Target:
    """What is guessed at or from, how many failures are free, and how long a wait can become."""

    key: str
    free: int
    longest_wait: int
    of_many: bool = False
    """Whether many people can be behind it, so that one's success says nothing of the others."""

    def wait(self, failures: int) -> int:
        """Return the seconds that must pass after so many failures: 1, 2, 4, … up to the longest."""
        beyond = failures - self.free
        return 0 if beyond <= 0 else min(2 ** min(beyond - 1, 16), self.longest_wait)


def account(name: str) -> Target:
    """Return an account's name as a target. Its wait is short: strangers must not lock its owner out."""
    return Target(f"account:{name_key(name)}"[:LONGEST_TARGET].replace("\0", ""), free=10, longest_wait=60)


def address(value: str) -> Target:
    """Return a client's address as a target; of IPv6 the network of 64 bits, which one client has."""
    try:
        parsed = ipaddress.ip_address(value)
    except ValueError:
        return Target("address:unknown", free=20, longest_wait=300, of_many=True)
    if parsed.version == 6:  # noqa: PLR2004 - the version of the protocol
        parsed = parsed.ipv4_mapped or ipaddress.ip_network((parsed, 64), strict=False).network_address
    return Target(f"address:{parsed}", free=20, longest_wait=300, of_many=True)


def attempt(session: Session, targets: Sequence[Target]) -> None:
    """Count an attempt on each target; commit it before the attempt is checked.

    Raises `Throttled`, and counts nothing, when one of them must wait.
    """
    now = clock.now()
    # Locked in one order, or two attempts could wait for each other.
    for target in sorted(targets, key=lambda each: each.key):
        failures, last_at = _locked(session, target, now)
        left = target.wait(failures) - (now - last_at).total_seconds()
        if left > 0:
            raise Throttled(retry_after=max(1, round(left)))
        session.execute(COUNT, {"failures": failures + 1, "now": now, "target": target.key})


def _locked(session: Session, target: Target, now: datetime) -> tuple[int, datetime]:
    """Return the failures of a target and when the last one was, locked; old ones are forgotten."""
    row = session.execute(LOCK, {"target": target.key, "now": now}).one()
    if now - row.last_at > FORGOTTEN_AFTER:
        return 0, row.last_at
    return row.failures, row.last_at


def refuse(session: Session, target: Target) -> None:
    """Let the wait of a target begin now, when an attempt that was counted has turned out wrong."""
    session.execute(REFUSED, {"now": clock.now(), "target": target.key})


def forgive(session: Session, targets: Sequence[Target]) -> None:
    """Take back the attempts that `attempt` counted, after one that was right; forget old ones.

    An account's failures are forgotten whole; of an address only this attempt, or a guesser with
    an account of their own could wipe out the count by logging in now and then.
    """
    for target in sorted(targets, key=lambda each: each.key):
        session.execute(FORGIVE, {"target": target.key, "taken": 1 if target.of_many else EVERY_FAILURE})
    session.execute(CLEAR, {"before": clock.now() - FORGOTTEN_AFTER})
