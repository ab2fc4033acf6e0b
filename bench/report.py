"""Numbers as a reader wants them: medians with their range, in tables of Markdown."""

from __future__ import annotations

import statistics
import sys
from collections.abc import Sequence

NOTHING = "-"


def spread(values: Sequence[float], digits: int = 0) -> str:
    """Return the median, and the lowest and highest beside it when there were several."""
    if not values:
        return NOTHING
    middle = f"{statistics.median(values):,.{digits}f}"
    if len(values) == 1:
        return middle
    return f"{middle} ({min(values):,.{digits}f}-{max(values):,.{digits}f})"


def table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return a table; the first column is text, the others are numbers."""
    rule = ["---", *["---:"] * (len(heads) - 1)]
    return "\n".join(f"| {' | '.join(row)} |" for row in [heads, rule, *rows])


def megabytes(size: float) -> float:
    """Return bytes as megabytes (MiB)."""
    return size / 2**20


def progress(text: str) -> None:
    """Tell on standard error what is being done: standard output is the report."""
    print(text, file=sys.stderr, flush=True)
