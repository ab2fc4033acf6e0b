"""Saves into a library that is large already, beside saves into an empty one, in the same run."""

from __future__ import annotations

from bench.measures import saves
from bench.measures.saves import Turns
from bench.plan import Plan, running
from bench.report import progress

DEFAULT = ("linkhold",)


def measure(plan: Plan) -> str:
    """Fill one of each two contestants, then save into both in interleaved rounds."""
    turns: Turns = {}
    names = plan.names(DEFAULT)
    with plan.all_made(names) as empty, plan.all_made(names) as full:
        for contestant in full:
            progress(f"  filling {contestant.name} with {plan.many:,} links")
            with running(contestant):
                contestant.fill(plan.many)
        for number in range(plan.rounds):
            progress(f"round {number + 1} of {plan.rounds}")
            for one, other in zip(empty, full, strict=True):
                for contestant, what in ((one, "empty"), (other, f"{plan.many:,} links")):
                    label = f"{contestant.name}, {what}"
                    turn = saves.turn(plan, contestant, plan.load, label=label, empty=contestant is one)
                    turns.setdefault(label, []).append(turn)
    return f"## Saves into a large library\n\n{saves.conditions(plan, '')}\n\n{saves.tabulated(turns)}"
