"""Saving while something else is under way, to see what that costs those who save."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Generic, TypeVar

from bench.contestant import WebContestant
from bench.load import Sample
from bench.plan import Plan

HEADS = ("", "seconds", "saves a second meanwhile", "p50, ms", "p99, ms", "slowest, ms", "errors")
TURN_SECONDS = 2.0

Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class Meanwhile(Generic[Result]):
    """How long an act took, what it returned, and the saves while it was under way."""

    seconds: float
    result: Result
    samples: list[Sample]

    def row(self, name: str) -> list[str]:
        """Return it as a row below `HEADS`."""
        return row(name, self.seconds, self.samples)


def alone(plan: Plan, contestant: WebContestant) -> list[str]:
    """Return a row of saves while nothing else is done, over one connection."""
    load = replace(plan.load, connections=1, seconds=TURN_SECONDS * 3, warm_up=1.0)
    return row("nothing else", None, [contestant.put(load)])


def saving(plan: Plan, contestant: WebContestant, act: Callable[[], Result]) -> Meanwhile[Result]:
    """Do something, and save over one connection, one link after the other, until it is done."""
    samples = []

    def timed() -> tuple[float, Result]:
        started = time.perf_counter()
        result = act()
        return time.perf_counter() - started, result

    with ThreadPoolExecutor(1) as pool:
        doing = pool.submit(timed)
        while not doing.done():
            samples.append(
                contestant.put(replace(plan.load, connections=1, seconds=TURN_SECONDS, warm_up=0.0))
            )
        seconds, result = doing.result()
    return Meanwhile(seconds, result, samples)


def row(name: str, seconds: float | None, samples: list[Sample]) -> list[str]:
    """Return the saves of several turns as a row below `HEADS`."""
    every = Sample(
        seconds=sum(sample.seconds for sample in samples),
        latencies=[each for sample in samples for each in sample.latencies],
    )
    errors = sum(count for sample in samples for count in sample.errors.values())
    return [
        name,
        "-" if seconds is None else f"{seconds:.1f}",
        f"{every.rate:,.0f}",
        *(f"{every.percentile(each) * 1000:.1f}" for each in (50, 99, 100)),
        str(errors),
    ]
