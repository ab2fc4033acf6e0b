"""What is measured: who, how long, how often; and the contestants made for it, one running at a time."""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from bench import processor
from bench.adapters import ADAPTERS
from bench.contestant import Contestant, Shape
from bench.load import Load
from bench.processor import Used
from bench.report import progress

PATIENCE_SECONDS = 120


@dataclass(frozen=True, slots=True)
class Plan:
    """The options of a run."""

    directory: Path
    shape: Shape
    load: Load = field(default_factory=Load)
    rounds: int = 5
    only: tuple[str, ...] = ()
    rows: int = 10_000
    """How many saves the first ones are."""
    sizes: tuple[int, ...] = (10_000, 100_000)
    """How long the lists are."""
    many: int = 1_000_000
    """How many links are many."""

    quiet: float | None = None
    """Cores that others on the machine may keep busy; a turn with more is put off, or repeated."""

    edited: int = 100_000
    """How many links a bulk edit changes."""

    def wait_for_quiet(self) -> None:
        """Wait until the others leave the machine alone, if that is wanted, but not for ever."""
        if self.quiet is not None:
            processor.wait_for_quiet(self.quiet, patience=PATIENCE_SECONDS)

    def is_quiet(self, used: Used) -> bool:
        """Tell whether the others left the machine alone."""
        return self.quiet is None or used.others <= self.quiet

    def names(self, default: Sequence[str]) -> Sequence[str]:
        """Return who is measured: those that were asked for, or else the measure's own."""
        return self.only or default

    @contextlib.contextmanager
    def made(self, name: str, *, prepared: bool = True) -> Iterator[Contestant]:
        """Make a contestant in a new directory, not running; at the end it is stopped and removed."""
        with tempfile.TemporaryDirectory(prefix="linkhold-bench-", dir=self.directory) as place:
            progress(f"  preparing {name}")
            contestant = ADAPTERS[name](Path(place) / "c", self.shape)
            try:
                if prepared:
                    contestant.prepare()
                yield contestant
            finally:
                contestant.stop()

    @contextlib.contextmanager
    def all_made(self, names: Sequence[str]) -> Iterator[list[Contestant]]:
        """Make several."""
        with contextlib.ExitStack() as stack:
            yield [stack.enter_context(self.made(name)) for name in names]


@contextlib.contextmanager
def running(contestant: Contestant) -> Iterator[Contestant]:
    """Start a contestant, and stop it at the end: while one is measured, no other runs."""
    contestant.start()
    try:
        yield contestant
    finally:
        contestant.stop()
