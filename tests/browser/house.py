"""A Linkhold as a stranger would start it, and one that is lived in."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import urllib3
from playwright.sync_api import StorageState

import owned

COMMAND = Path(sys.executable).parent / "linkhold"
LINKS = 70


@contextmanager
def served(directory: Path, *, port: int = 0, prints: str = r"http\S+/setup\S+") -> Iterator[str]:
    """Start Linkhold as a stranger would; gives the one-time address that it prints, or what is asked for."""
    own = {"LINKHOLD_DATA_DIR": str(directory / "data"), "LINKHOLD_PORT": str(port)}
    with owned.told(directory) as told, (directory / "log").open("w") as log:
        server = subprocess.Popen(
            [COMMAND, "serve"], stdout=subprocess.PIPE, stderr=log, text=True, env=os.environ | own | told
        )
        assert server.stdout is not None
        try:
            found = next(filter(None, (re.search(prints, line) for line in server.stdout)))
            yield found[0]
        finally:
            server.terminate()
            server.wait(90)
            server.stdout.close()


@dataclass(frozen=True)
class Home:
    """A Linkhold that runs, with an account that a browser is logged in to."""

    url: str
    token: str
    state: StorageState

    def save(self, url: str, **fields: object) -> int:
        """Save a link as a program does, and return its id."""
        return int(self.call("POST", "/links", {"url": url, **fields})["id"])

    def fill(self) -> None:
        """Make the library anew: links that are numbered, the last the newest."""
        self.call("POST", "/links/bulk", {"action": "trash", "q": ""})
        self.call("DELETE", "/trash")
        for number in range(1, LINKS + 1):
            self.save(f"https://example.com/{number}", title=f"Number {number}.", tags=["numbers"])

    def call(self, method: str, path: str, body: object = None) -> dict[str, Any]:
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}
        answer = urllib3.request(
            method, f"{self.url}/api/v1{path}", body=json.dumps(body).encode(), headers=headers
        )
        assert answer.status < 300, answer.data
        found: dict[str, Any] = answer.json()
        return found
