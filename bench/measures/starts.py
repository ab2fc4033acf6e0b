"""A cold start: from the command until it answers, the database server included."""

from __future__ import annotations

import time
from collections.abc import Callable

from bench.contestant import Contestant
from bench.plan import Plan
from bench.report import progress, spread, table

DEFAULT = ("linkhold", "bare-flask", "tutorial")
HEADS = ("", "first start, s", "start, s", "stop, s")


class _Found:
    """Seconds, one number for each round."""

    def __init__(self) -> None:
        self.first: list[float] = []
        self.start: list[float] = []
        self.stop: list[float] = []


def measure(plan: Plan) -> str:
    """Start and stop each, in interleaved rounds."""
    found: dict[str, _Found] = {}
    with plan.all_made(plan.names(DEFAULT)) as contestants:
        for number in range(plan.rounds):
            progress(f"round {number + 1} of {plan.rounds}")
            for contestant in contestants:
                _turn(contestant, plan, found.setdefault(contestant.name, _Found()))
    conditions = (
        "From the command to the first answer, its PostgreSQL included; and from SIGTERM until both have"
        " ended. The first start makes the database too, for those who do that themselves. The system's file"
        " cache is warm."
        f" {plan.rounds} interleaved rounds; median (lowest-highest)."
    )
    rows = [
        [name, *(spread(each, digits=2) for each in (one.first, one.start, one.stop))]
        for name, one in found.items()
    ]
    return f"## Start\n\n{conditions}\n\n{table(HEADS, rows)}"


def _turn(contestant: Contestant, plan: Plan, found: _Found) -> None:
    plan.wait_for_quiet()
    if contestant.makes_its_database:
        with plan.made(contestant.name, prepared=False) as new:
            found.first.append(_seconds(new.start))
    found.start.append(_seconds(contestant.start))
    found.stop.append(_seconds(contestant.stop))


def _seconds(act: Callable[[], None]) -> float:
    began = time.perf_counter()
    act()
    return time.perf_counter() - began
