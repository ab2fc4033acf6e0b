"""Periods: which days somebody means who writes a date, or two."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from linkhold.links import periods


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("2025", "2025-01-01", "2026-01-01"),
        ("2025-12", "2025-12-01", "2026-01-01"),
        ("2024-02", "2024-02-01", "2024-03-01"),
        ("2024-2-29", "2024-02-29", "2024-03-01"),
        ("2025-03..2025-06", "2025-03-01", "2025-07-01"),
        ("2025..", "2025-01-01", None),
        ("..2025", None, "2026-01-01"),
    ],
)
def test_a_period_is_what_a_person_means(text: str, start: str | None, end: str | None) -> None:
    period = periods.parse(text)
    assert period is not None
    assert period.start == (datetime.fromisoformat(start).replace(tzinfo=UTC) if start else None)
    assert period.end == (datetime.fromisoformat(end).replace(tzinfo=UTC) if end else None)


@pytest.mark.parametrize(
    "text", ["", "..", "25", "2025-13", "2025-02-30", "x..2025", "0000", "9999", "2025-1-1-1"]
)
def test_what_is_no_period_is_none(text: str) -> None:
    assert periods.parse(text) is None
