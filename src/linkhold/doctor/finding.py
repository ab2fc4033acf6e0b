"""What the doctor finds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Level = Literal["ok", "warning", "fault"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at: how it is, and, when it is not well, how to mend it."""

    level: Level
    subject: str
    state: str
    mend: str = ""


def ok(subject: str, state: str) -> Finding:
    """Return that something is well."""
    return Finding("ok", subject, state)


def warning(subject: str, state: str, mend: str) -> Finding:
    """Return that something works, and could be better."""
    return Finding("warning", subject, state, mend)


def fault(subject: str, state: str, mend: str) -> Finding:
    """Return that something is wrong: links, their owners or the service are in danger."""
    return Finding("fault", subject, state, mend)
