"""Waiting for a server: as long as it gets on with its work, saying what it does, and no longer."""

from __future__ import annotations

import contextlib
from collections.abc import Callable

import psutil

from linkhold import clock
from linkhold.errors import ServerStuck
from linkhold.postgres.journal import Journal

PATIENCE = 120.0
"""Seconds without any sign of progress after which a server counts as stuck."""

SPEAK_AFTER = 2.0
SPEAK_EVERY = 5.0
_LOOK_EVERY = 0.5


class Vigil:
    """Watches one wait: each round calls `wait`, which sleeps a moment and now and then looks for progress.

    The server is not asked by connecting to it: each attempt would make it write a line and use some time,
    which would look like progress.
    """

    def __init__(self, journal: Journal, say: Callable[[str], None], *, patience: float = PATIENCE) -> None:
        self.journal = journal
        self._say = say
        self._patience = patience
        self._began = self._moved = clock.monotonic()
        self._look_at = self._began + _LOOK_EVERY
        self._speak_at = self._began + SPEAK_AFTER
        self._work: tuple[float, ...] = ()

    def wait(self, pid: int | None, doing: str) -> None:
        """Sleep a moment; raises `ServerStuck` when nothing has moved for too long."""
        now = clock.monotonic()
        if now >= self._look_at:
            self._look_at = now + _LOOK_EVERY
            self._look(now, pid, doing)
        clock.sleep(0.005 if now - self._began < 1 else 0.05)

    def _look(self, now: float, pid: int | None, doing: str) -> None:
        work = (float(self.journal.size()), *work_done(pid))
        if work != self._work:
            self._work, self._moved = work, now
        if now - self._moved > self._patience:
            raise ServerStuck(
                f"PostgreSQL {doing}, and has made no progress for {self._patience:.0f} seconds. "
                f"Its log is in {self.journal.directory}."
            )
        if now >= self._speak_at:
            self._speak_at = now + SPEAK_EVERY
            self._say(self._news(now, doing))

    def _news(self, now: float, doing: str) -> str:
        if detail := self.journal.progress():
            return f"PostgreSQL is recovering after a crash: {detail}"
        if self.journal.recovering():
            doing = "is recovering after a crash"
        return f"PostgreSQL {doing}; {now - self._began:.0f} s so far."


def work_done(pid: int | None) -> tuple[float, ...]:
    """Return how much processor time and input and output a server has used: the numbers grow as it works."""
    if pid is None:
        return ()
    try:
        process = psutil.Process(pid)
        family = [process, *process.children()]
    except psutil.Error:
        return ()
    return tuple(sum(column) for column in zip(*map(_work_of, family), strict=True))


def _work_of(process: psutil.Process) -> tuple[float, float]:
    time = moved = 0.0
    # No io_counters on macOS; and root in a container may not look.
    with contextlib.suppress(psutil.Error, AttributeError):
        spent = process.cpu_times()
        time = spent.user + spent.system
        counters = process.io_counters()
        moved = float(counters.read_count + counters.write_count)
    return time, moved
