"""A bulk edit of many links, its undo, and the saves that come in meanwhile."""

from __future__ import annotations

import http.client
import json
import time
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from typing import Any

from bench.adapters.linkhold import Linkhold
from bench.load import Sample
from bench.plan import Plan, running
from bench.report import progress, table

HEADS = ("", "seconds", "links", "saves a second meanwhile", "p50, ms", "p99, ms", "slowest, ms", "errors")
TURN_SECONDS = 2.0
ANSWER_SECONDS = 600


def measure(plan: Plan) -> str:
    """Tag every link of a library by one request, undo that, and save over one connection all the while."""
    count = plan.edited
    with plan.made("linkhold") as contestant, running(contestant):
        assert isinstance(contestant, Linkhold)
        progress(f"  filling with {count:,} links")
        contestant.fill_believably(1, count)
        alone = contestant.put(replace(plan.load, connections=1, seconds=TURN_SECONDS * 3, warm_up=1.0))
        rows = [_row("no bulk edit", None, 0, [alone])]
        edit = {"action": "edit", "q": "before:2100", "add_tags": ["bench/bulk"], "archived": True}
        seconds, done, samples = _meanwhile(plan, contestant, "/links/bulk", edit)
        rows.append(_row("bulk edit", seconds, done["links"], samples))
        seconds, undone, samples = _meanwhile(plan, contestant, f"/batches/{done['batch']}/undo", None)
        rows.append(_row("its undo", seconds, undone["links"], samples))
    conditions = (
        f"A library of {count:,} links; saves of other links over one connection, one after the other."
    )
    return f"## Bulk edit\n\n{conditions}\n\n{table(HEADS, rows)}"


def _meanwhile(
    plan: Plan, contestant: Linkhold, path: str, body: dict[str, Any] | None
) -> tuple[float, dict[str, Any], list[Sample]]:
    """Send a request and save until it is answered; returns its seconds, its answer and the saves."""
    samples = []
    with ThreadPoolExecutor(1) as pool:
        started = time.perf_counter()
        asked: Future[tuple[float, dict[str, Any]]] = pool.submit(_post, contestant, path, body)
        while not asked.done():
            samples.append(
                contestant.put(replace(plan.load, connections=1, seconds=TURN_SECONDS, warm_up=0.0))
            )
        ended, answer = asked.result()
    return ended - started, answer, samples


def _post(contestant: Linkhold, path: str, body: dict[str, Any] | None) -> tuple[float, dict[str, Any]]:
    connection = http.client.HTTPConnection("127.0.0.1", contestant.port, timeout=ANSWER_SECONDS)
    headers = {"Authorization": f"Bearer {contestant.token}", "Content-Type": "application/json"}
    data = json.dumps(body) if body is not None else None
    with closing(connection):
        connection.request("POST", f"/api/v1{path}", body=data, headers=headers)
        answer = connection.getresponse()
        told = json.loads(answer.read())
    assert answer.status == 200, told
    return time.perf_counter(), told


def _row(name: str, seconds: float | None, links: int, samples: list[Sample]) -> list[str]:
    every = Sample(
        seconds=sum(sample.seconds for sample in samples),
        latencies=[each for sample in samples for each in sample.latencies],
    )
    errors = sum(count for sample in samples for count in sample.errors.values())
    return [
        name,
        "-" if seconds is None else f"{seconds:.1f}",
        f"{links:,}" if links else "-",
        f"{every.rate:,.0f}",
        *(f"{every.percentile(each) * 1000:.1f}" for each in (50, 99, 100)),
        str(errors),
    ]
