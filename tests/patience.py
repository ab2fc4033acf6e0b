"""Waiting in tests for what has to happen, however slow the machine is at that moment."""

from __future__ import annotations

from collections.abc import Callable

from linkhold import clock

SECONDS = 90.0


def until(
    holds: Callable[[], object],
    *,
    seconds: float = SECONDS,
    told: Callable[[], object] = lambda: "it did not happen",
) -> None:
    """Wait until something holds; when it does not in that time, fail with what is told then."""
    end = clock.monotonic() + seconds
    while not holds():
        assert clock.monotonic() < end, told()
        clock.sleep(0.01)
