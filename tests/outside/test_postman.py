"""The Postman collection, run as Postman would, by newman; twice, since people run it again."""

from __future__ import annotations

import subprocess
from pathlib import Path

import needs
from system.served import Served

NEWMAN = Path(__file__).parent / "newman/node_modules/.bin/newman"
COLLECTION = Path(__file__).parent.parent.parent / "postman/linkhold.postman_collection.json"


def test_the_collection_holds_against_a_running_server(served: Served) -> None:
    if not NEWMAN.exists():
        needs.missing("newman (npm ci --prefix tests/outside/newman)")
    variables = {"baseUrl": served.url, "token": served.token}
    options = [part for name, value in variables.items() for part in ("--env-var", f"{name}={value}")]
    for _ in range(2):
        done = subprocess.run(
            [NEWMAN, "run", COLLECTION, *options, "--color", "off"],
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )
        assert done.returncode == 0, done.stdout[-5000:] + done.stderr
        assert "assertions" in done.stdout
