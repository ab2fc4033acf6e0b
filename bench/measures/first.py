"""The first saves of an empty library, counted and not timed: what a list as the answer costs meanwhile."""

from __future__ import annotations

from dataclasses import replace

from bench.measures import saves
from bench.plan import Plan

DEFAULT = ("linkhold", "tutorial")


def measure(plan: Plan) -> str:
    """Save so many links into empty tables, in interleaved rounds."""
    turns = saves.rounds(plan, plan.names(DEFAULT), replace(plan.load, count=plan.rows))
    conditions = (
        f"All of the first {plan.rows:,} saves into empty tables, right after a start, over"
        f" {plan.load.connections} connections; {plan.rounds} interleaved rounds; median (lowest-highest)."
        f"{saves.quietly(plan)}"
    )
    return f"## The first {plan.rows:,} saves\n\n{conditions}\n\n{saves.tabulated(turns)}"
