"""The measures, by name: each takes a plan and returns what it found as Markdown."""

from __future__ import annotations

from collections.abc import Callable

from bench.measures import bulk, first, lists, memory, migrate, million, pages, saves, search, starts
from bench.plan import Plan

MEASURES: dict[str, Callable[[Plan], str]] = {
    "saves": saves.measure,
    "first": first.measure,
    "million": million.measure,
    "list": lists.measure,
    "search": search.measure,
    "pages": pages.measure,
    "bulk": bulk.measure,
    "migrate": migrate.measure,
    "start": starts.measure,
    "memory": memory.measure,
}
