"""Tokens that were found a moment ago, so that a busy client's is not looked up for each request.

Looking a token up is a round trip and a fifth of what a save costs. A token that is revoked is
refused all the same: a trigger on the table tells every process (`CHANNEL`), in the transaction
that revokes it, and a process that cannot hear keeps nothing.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass

from linkhold import clock
from linkhold.accounts import secret, tokens
from linkhold.accounts.tokens import Access
from linkhold.db.pool import Direct

CHANNEL = "linkhold_tokens"
"""Where the database tells that a token was changed or revoked: `tokens_changed` in migration 0002."""

KEPT_SECONDS = 5.0
"""How long a token is trusted at most, should a notification be late."""
MOST_KEPT = 10_000


@dataclass(frozen=True, slots=True)
class _Kept:
    access: Access
    until: float


class RecentTokens:
    """The tokens of the last seconds, by the hash of their text; safe to share among threads."""

    def __init__(self, listening: Callable[[], bool]) -> None:
        self._listening = listening
        self._kept: dict[bytes, _Kept] = {}
        self._lock = threading.Lock()
        self._forgotten = 0

    def find(self, lend: Callable[[], AbstractContextManager[Direct]], token: str) -> Access | None:
        """Return what a token grants, as `tokens.find` does, asking the database when it must."""
        key = secret.digest(token)
        kept = self._kept.get(key)
        if kept is not None and self._is_good(kept):
            return kept.access
        forgotten = self._forgotten
        with lend() as connection:
            access = tokens.find(connection, token)
        if access is not None and self._listening():
            with self._lock:
                # What was read before a revocation must not be kept after it.
                if forgotten == self._forgotten:
                    self._keep(key, access)
        return access

    def forget(self) -> None:
        """Forget all: one of them may not be good any more."""
        with self._lock:
            self._forgotten += 1
            self._kept.clear()

    def _keep(self, key: bytes, access: Access) -> None:
        if len(self._kept) >= MOST_KEPT:
            self._kept.clear()
        self._kept[key] = _Kept(access, clock.monotonic() + KEPT_SECONDS)

    def _is_good(self, kept: _Kept) -> bool:
        if not self._listening() or kept.until < clock.monotonic():
            return False
        return kept.access.expires_at is None or kept.access.expires_at > clock.now()
