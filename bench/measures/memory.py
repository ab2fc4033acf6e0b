"""Memory of everything that runs, PostgreSQL included: when idle, and under a load of saves."""

from __future__ import annotations

import time

import psutil

from bench import footprint
from bench.contestant import Contestant
from bench.measures.saves import told
from bench.plan import Plan, running
from bench.report import megabytes, progress, spread, table

DEFAULT = ("linkhold", "bare-flask", "tutorial")
HEADS = (
    "",
    "idle, MB",
    "idle: web",
    "idle: PostgreSQL",
    "under load, MB",
    "idle afterwards, MB",
    "processes",
)
REST_SECONDS = 5.0


class _Found:
    """What was found for one contestant, a number for each round."""

    def __init__(self) -> None:
        self.idle: list[float] = []
        self.web: list[float] = []
        self.database: list[float] = []
        self.loaded: list[float] = []
        self.after: list[float] = []
        self.processes = 0

    def row(self, name: str) -> list[str]:
        numbers = (self.idle, self.web, self.database, self.loaded, self.after)
        return [
            name,
            *(spread([megabytes(each) for each in number]) for number in numbers),
            str(self.processes),
        ]


def measure(plan: Plan) -> str:
    """Read the memory of each after a start, during a load, and when it has come to rest."""
    found: dict[str, _Found] = {}
    with plan.all_made(plan.names(DEFAULT)) as contestants:
        for number in range(plan.rounds):
            progress(f"round {number + 1} of {plan.rounds}")
            for contestant in contestants:
                plan.wait_for_quiet()
                contestant.clear()
                with running(contestant):
                    _read(contestant, plan, found.setdefault(contestant.name, _Found()))
    conditions = (
        f"PSS of all processes together, so that shared pages count once: {REST_SECONDS:g} s after a start;"
        f" the highest of several readings a second while {plan.load.connections} connections save for"
        f" {plan.load.seconds:g} s; and {REST_SECONDS:g} s after that. {plan.rounds} rounds; median"
        " (lowest-highest)."
    )
    return f"## Memory\n\n{conditions}\n\n{table(HEADS, [each.row(name) for name, each in found.items()])}"


def _read(contestant: Contestant, plan: Plan, found: _Found) -> None:
    def everything() -> list[psutil.Process]:
        return [*contestant.web_processes(), *contestant.database_processes()]

    time.sleep(REST_SECONDS)
    web, database = contestant.web_processes(), contestant.database_processes()
    found.processes = len(web) + len(database)
    found.web.append(footprint.proportional(web))
    found.database.append(footprint.proportional(database))
    found.idle.append(found.web[-1] + found.database[-1])
    with footprint.watched(everything) as seen:
        told(contestant.name, contestant.put(plan.load))
    found.loaded.append(max(seen))
    time.sleep(REST_SECONDS)
    found.after.append(footprint.proportional(everything()))
