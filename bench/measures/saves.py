"""Durable saves a second, from empty tables; and what all measures of saves share."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bench.adapters import ADAPTERS
from bench.contestant import Contestant
from bench.load import Load, Sample
from bench.plan import Plan, running
from bench.processor import Meter, Used
from bench.report import progress, spread, table

HEADS = (
    "",
    "saves a second",
    "p50, ms",
    "p99, ms",
    "slowest, ms",
    "errors",
    "CPU of a save: web, µs",
    "PostgreSQL, µs",
    "busy elsewhere, cores",
)
TRIES = 6


@dataclass(frozen=True, slots=True)
class Turn:
    """What came of a contestant's turn."""

    sample: Sample
    used: Used

    def microseconds(self, seconds: float) -> float:
        """Return processor seconds as microseconds for each save."""
        return seconds / max(1, self.sample.sent) * 1e6


Turns = dict[str, list[Turn]]


def measure(plan: Plan) -> str:
    """Save for some seconds, in interleaved rounds, each turn from empty tables."""
    turns = rounds(plan, plan.names(tuple(ADAPTERS)), plan.load)
    return f"## Saves\n\n{conditions(plan, ', from empty tables')}\n\n{tabulated(turns)}"


def rounds(plan: Plan, names: Sequence[str], load: Load) -> Turns:
    """Put a load on one contestant after the other, each with empty tables, and so on in rounds."""
    turns: Turns = {}
    with plan.all_made(names) as contestants:
        for number in range(plan.rounds):
            progress(f"round {number + 1} of {plan.rounds}")
            for contestant in contestants:
                turns.setdefault(contestant.name, []).append(turn(plan, contestant, load))
    return turns


def turn(plan: Plan, contestant: Contestant, load: Load, *, label: str = "", empty: bool = True) -> Turn:
    """Start a contestant, with empty tables, and put a load on it; again if the machine was not quiet."""
    for left in reversed(range(TRIES)):
        plan.wait_for_quiet()
        if empty:
            contestant.clear()
        found = _measured(contestant, load)
        told(label or contestant.name, found.sample)
        if plan.is_quiet(found.used) or not left:
            return found
        progress(f"  (again: others kept {found.used.others:.1f} cores busy)")
    raise AssertionError


def _measured(contestant: Contestant, load: Load) -> Turn:
    with running(contestant):
        meter = Meter(contestant)
        sample = contestant.put(load)
        return Turn(sample, meter.read(load=sample.own_cpu))


def told(label: str, sample: Sample) -> None:
    """Say how a turn went."""
    errors = f", errors: {sample.errors}" if sample.errors else ""
    progress(f"  {label}: {sample.rate:,.0f} a second, p99 {sample.percentile(99) * 1000:.1f} ms{errors}")


def conditions(plan: Plan, more: str) -> str:
    """Say under which conditions a number of seconds were measured."""
    load = plan.load
    return (
        f"{load.connections} connections, {load.seconds:g} s after {load.warm_up:g} s of warm-up, right after"
        f" a start{more}; {plan.rounds} interleaved rounds; median (lowest-highest)."
        f"{quietly(plan)}"
    )


def quietly(plan: Plan) -> str:
    """Say which turns were repeated."""
    if plan.quiet is None:
        return ""
    return f" A turn in which others kept more than {plan.quiet:g} cores busy was repeated."


def tabulated(turns: Mapping[str, Sequence[Turn]]) -> str:
    """Return the table of the turns of each contestant, and what the load itself took."""
    rows = table(HEADS, [[name, *_cells(each)] for name, each in turns.items()])
    shares = [each.sample.own_cpu / each.sample.seconds for one in turns.values() for each in one]
    return f"{rows}\n\nThe load took {max(shares):.0%} of a core at most."


def _cells(turns: Sequence[Turn]) -> list[str]:
    return [
        spread([each.sample.rate for each in turns]),
        *(
            spread([each.sample.percentile(percent) * 1000 for each in turns], digits=1)
            for percent in (50, 99, 100)
        ),
        str(sum(sum(each.sample.errors.values()) for each in turns)),
        spread([each.microseconds(each.used.web) for each in turns]),
        spread([each.microseconds(each.used.database) for each in turns]),
        spread([each.used.others for each in turns], digits=1),
    ]
