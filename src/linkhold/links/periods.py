"""Periods of time as people write them: 2025, 2025-03, 2025-03-31, and ranges of these. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

DATE = re.compile(r"([0-9]{4})(?:-([0-9]{1,2})(?:-([0-9]{1,2}))?)?")
DECEMBER = 12


@dataclass(frozen=True, slots=True)
class Period:
    """From `start` up to, and without, `end`, in UTC; None is no limit."""

    start: datetime | None
    end: datetime | None
    text: str

    def __str__(self) -> str:
        """Return it as it is written."""
        return self.text


def parse(text: str) -> Period | None:
    """Return the period that a text names, or None: `2025`, `2025-03..2025-06`, `2025..`, `..2025`."""
    first, dots, last = text.partition("..")
    if not dots:
        return _date(first)
    begin = _date(first) if first else None
    end = _date(last) if last else None
    if (first and begin is None) or (last and end is None) or not (begin or end):
        return None
    if begin and end and begin.start and end.start and begin.start > end.start:
        begin, end = end, begin
    written = f"{begin or ''}..{end or ''}"
    return Period(begin.start if begin else None, end.end if end else None, written)


def _date(text: str) -> Period | None:
    match = DATE.fullmatch(text)
    if match is None:
        return None
    year, month, day = int(match[1]), int(match[2] or 1), int(match[3] or 1)
    try:
        start = datetime(year, month, day, tzinfo=UTC)
        return Period(start, _end(start, whole_month=match[3] is None, whole_year=match[2] is None), text)
    except (ValueError, OverflowError):
        return None


def _end(start: datetime, *, whole_month: bool, whole_year: bool) -> datetime:
    if whole_year:
        return start.replace(year=start.year + 1)
    if not whole_month:
        return start + timedelta(days=1)
    if start.month == DECEMBER:
        return start.replace(year=start.year + 1, month=1)
    return start.replace(month=start.month + 1)
