"""Processor time: what a contestant used, and what the rest of the machine did meanwhile.

On a machine that others use too, the time that a save costs says more than the rate of saves.
"""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Self

import psutil

from bench.contestant import Contestant


@dataclass(frozen=True, slots=True)
class Used:
    """Processor seconds."""

    web: float
    database: float
    others: float
    """Cores that everything else on the machine kept busy, on average; the load is not counted."""


class Meter:
    """Counts from when it is made."""

    def __init__(self, contestant: Contestant) -> None:
        self._contestant = contestant
        self._began = _Reading.of(contestant)

    def read(self, *, load: float) -> Used:
        """Return what was used since; `load` is the processor time of the load."""
        before, now = self._began, _Reading.of(self._contestant)
        web, database = now.web - before.web, now.database - before.database
        others = now.busy - before.busy - web - database - load
        return Used(web, database, max(0.0, others / (now.moment - before.moment)))


@dataclass(frozen=True, slots=True)
class _Reading:
    moment: float
    busy: float
    web: float
    database: float

    @classmethod
    def of(cls, contestant: Contestant) -> Self:
        whole = psutil.cpu_times()
        return cls(
            moment=time.perf_counter(),
            busy=sum(whole) - whole.idle - whole.iowait - whole.guest - whole.guest_nice,
            web=_seconds(contestant.web_processes()),
            database=_seconds(contestant.database_processes()),
        )


def wait_for_quiet(cores: float, *, patience: float) -> None:
    """Wait until the whole machine keeps no more than so many cores busy, or patience is at an end."""
    until = time.monotonic() + patience
    count = psutil.cpu_count() or 1
    while psutil.cpu_percent(interval=1.0) * count / 100 > cores and time.monotonic() < until:
        time.sleep(1.0)


def _seconds(processes: Iterable[psutil.Process]) -> float:
    total = 0.0
    for process in processes:
        try:
            times = process.cpu_times()
        except psutil.NoSuchProcess:
            continue
        # What its ended children took counts as well: PostgreSQL's connections that were closed.
        total += times.user + times.system + times.children_user + times.children_system
    return total
