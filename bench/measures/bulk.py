"""A bulk edit of many links, its undo, and the saves that come in meanwhile."""

from __future__ import annotations

import http.client
import json
from contextlib import closing
from functools import partial
from typing import Any

from bench import meanwhile
from bench.adapters.linkhold import Linkhold
from bench.plan import Plan, running
from bench.report import progress, table

ANSWER_SECONDS = 600


def measure(plan: Plan) -> str:
    """Tag every link of a library by one request, undo that, and save over one connection all the while."""
    count = plan.edited
    with plan.made("linkhold") as contestant, running(contestant):
        assert isinstance(contestant, Linkhold)
        progress(f"  filling with {count:,} links")
        contestant.fill_believably(1, count)
        rows = [meanwhile.alone(plan, contestant)]
        edit = {"action": "edit", "q": "before:2100", "add_tags": ["bench/bulk"], "archived": True}
        done = meanwhile.saving(plan, contestant, partial(_post, contestant, "/links/bulk", edit))
        rows.append(done.row(f"bulk edit of {done.result['links']:,}"))
        undo = f"/batches/{done.result['batch']}/undo"
        undone = meanwhile.saving(plan, contestant, partial(_post, contestant, undo, None))
        rows.append(undone.row(f"its undo, {undone.result['links']:,}"))
    conditions = (
        f"A library of {count:,} links; saves of other links over one connection, one after the other."
    )
    return f"## Bulk edit\n\n{conditions}\n\n{table(meanwhile.HEADS, rows)}"


def _post(contestant: Linkhold, path: str, body: dict[str, Any] | None) -> dict[str, Any]:
    connection = http.client.HTTPConnection("127.0.0.1", contestant.port, timeout=ANSWER_SECONDS)
    headers = {"Authorization": f"Bearer {contestant.token}", "Content-Type": "application/json"}
    data = json.dumps(body) if body is not None else None
    with closing(connection):
        connection.request("POST", f"/api/v1{path}", body=data, headers=headers)
        answer = connection.getresponse()
        told: dict[str, Any] = json.loads(answer.read())
    assert answer.status == 200, told
    return told
