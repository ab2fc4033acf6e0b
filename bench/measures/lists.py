"""The whole list in one answer: how long it takes, and what memory it needs where it is made."""

from __future__ import annotations

import http.client
import json
import time
from dataclasses import dataclass, field

from bench import footprint
from bench.contestant import WebContestant
from bench.plan import Plan, running
from bench.report import megabytes, progress, spread, table
from bench.request import Request

DEFAULT = ("linkhold", "tutorial")
HEADS = (
    "",
    "links",
    "seconds",
    "to the first byte, s",
    "MB received",
    "peak RSS, MB",
    "of it for the list, MB",
)
ANSWER_SECONDS = 600
PIECE = 1 << 20


@dataclass(slots=True)
class Found:
    """What was found for one contestant and one size."""

    seconds: list[float] = field(default_factory=list)
    first_byte: list[float] = field(default_factory=list)
    received: int = 0
    peak: int = 0
    before: int = 0


def measure(plan: Plan) -> str:
    """Ask for lists, from the shortest to the longest; each size begins with a new start."""
    found: dict[tuple[str, int], Found] = {}
    with plan.all_made(plan.names(DEFAULT)) as contestants:
        for size in sorted(plan.sizes):
            for contestant in contestants:
                assert isinstance(contestant, WebContestant)
                with running(contestant):
                    contestant.fill(size - contestant.next_number)
            for contestant in contestants:
                assert isinstance(contestant, WebContestant)
                progress(f"  {contestant.name}: {size:,} links")
                found[contestant.name, size] = _asked(contestant, size, plan)
    conditions = (
        f"`GET /links`, {plan.rounds} times after a new start; median (lowest-highest). The peak is the"
        " kernel's own record (VmHWM) over all web processes; what is for the list is the peak less the RSS"
        " before the first request for it."
    )
    return f"## The whole list\n\n{conditions}\n\n{table(HEADS, [_row(*each) for each in found.items()])}"


def _asked(contestant: WebContestant, size: int, plan: Plan) -> Found:
    request = contestant.listing()
    if request is None:
        raise ValueError(f"{contestant.name} has no list")
    found = Found()
    plan.wait_for_quiet()
    with running(contestant):
        processes = contestant.web_processes()
        found.before = footprint.resident(processes)
        footprint.forget_peaks(processes)
        for _ in range(plan.rounds):
            whole, first_byte, body = _fetch(request, contestant.port)
            found.seconds.append(whole)
            found.first_byte.append(first_byte)
            found.received = len(body)
            if len(json.loads(body)) != size:
                raise RuntimeError(f"{contestant.name} did not answer {size:,} links")
        found.peak = footprint.peaks(processes)
    return found


def _fetch(request: Request, port: int) -> tuple[float, float, bytes]:
    """Return the seconds to the end of an answer and to its beginning, and its body."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=ANSWER_SECONDS)
    started = time.perf_counter()
    connection.request(request.method, request.path, headers=dict(request.headers))
    answer = connection.getresponse()
    first_byte = time.perf_counter() - started
    pieces = list(iter(lambda: answer.read(PIECE), b""))
    whole = time.perf_counter() - started
    connection.close()
    if answer.status != request.status:
        raise RuntimeError(f"GET {request.path} was answered {answer.status}")
    return whole, first_byte, b"".join(pieces)


def _row(key: tuple[str, int], found: Found) -> list[str]:
    name, size = key
    return [
        name,
        f"{size:,}",
        spread(found.seconds, digits=2),
        spread(found.first_byte, digits=3),
        f"{megabytes(found.received):.1f}",
        f"{megabytes(found.peak):.0f}",
        f"{megabytes(found.peak - found.before):.0f}",
    ]
