"""The API attacked by its own description: no 5xx, and every answer is one that it documents."""

from __future__ import annotations

import json
import os
import re
import subprocess
from pathlib import Path

from system.served import BIN, Served

# What does not hold here, on purpose: which strings are URLs of links is more than a schema can say; a
# link that was deleted is in the trash, where it can still be looked at; and so many requests with
# wrong credentials are answered 429 (that each route wants right ones, doors/test_every_route.py shows).
NOT_HERE = "positive_data_acceptance,use_after_free,ignored_auth"
STATEFUL = re.compile(
    r"Stateful .*?Scenarios: +(?P<scenarios>\d+).*?API Links: +(?P<covered>\d+) covered", re.DOTALL
)


def test_no_answer_is_a_fault_or_a_surprise(served: Served, tmp_path: Path) -> None:
    done = subprocess.run(
        [
            BIN / "schemathesis",
            "run",
            f"{served.url}/api/v1/openapi.json",
            *("--header", f"Authorization: Bearer {served.token}"),
            *("--exclude-checks", NOT_HERE),
            *("--max-examples", os.environ.get("SCHEMATHESIS_EXAMPLES", "40")),
            *("--generation-database", "none"),
            "--continue-on-failure",
            "--no-color",
        ],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
        timeout=240,
    )
    assert done.returncode == 0, done.stdout[-6000:]
    described = json.loads(served.request("GET", "/api/v1/openapi.json")[1])["paths"]
    operations = sum(len(each) for each in described.values())
    assert re.search(rf"Tested: {operations}\b", done.stdout), done.stdout[-2000:]
    # Sequences of requests as well, each using what the one before answered.
    stateful = STATEFUL.search(done.stdout)
    assert stateful is not None, done.stdout[-4000:]
    assert int(stateful["scenarios"]) > 0
    assert int(stateful["covered"]) > 0
    assert re.search(r"✅ Stateful$", done.stdout, re.MULTILINE), done.stdout[-4000:]
    assert '"level":"error"' not in served.log.read_text()
