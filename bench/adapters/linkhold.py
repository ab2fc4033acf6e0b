"""Linkhold, as its users run it: `linkhold serve` with its embedded PostgreSQL."""

from __future__ import annotations

import secrets
import subprocess
import sys
from pathlib import Path

import psutil

from bench import library
from bench.addresses import address
from bench.cluster import Cluster
from bench.contestant import Contestant, Shape, WebContestant
from bench.request import Request, json_save


class Linkhold(WebContestant):
    """Saving through the native API."""

    name = "linkhold"
    note = (
        "`POST /api/v1/links` with a token: looks the token up, checks the input, computes the link's"
        " identity, keeps the link and its first change, answers the link, logs the request."
    )
    program = str(Path(sys.executable).parent / "linkhold")
    makes_its_database = True
    ready_path = "/readyz"

    def __init__(self, place: Path, shape: Shape) -> None:
        super().__init__(place, shape)
        self.data = place / "data"
        self.cluster = Cluster(self.data)
        self.password = secrets.token_urlsafe()
        self.token = ""

    def prepare(self) -> None:
        """Make an account and a token."""
        self._run("account", "add", "bench", "--password-stdin", text=self.password)
        scopes = ["--scope", "read", "--scope", "write"]
        self.token = self._run("token", "add", "--account", "bench", "--name", "bench", *scopes)

    def command(self) -> list[str]:
        """Serve."""
        return [self.program, "serve"]

    def environment(self) -> dict[str, str]:
        """Set only where it is and its shape; the rest are defaults."""
        return {
            "LINKHOLD_DATA_DIR": str(self.data),
            "LINKHOLD_PORT": str(self.port),
            "LINKHOLD_WORKERS": str(self.shape.workers),
            "LINKHOLD_THREADS": str(self.shape.threads),
        }

    def saving(self) -> Request:
        """Save with a title."""
        return json_save("/api/v1/links", headers=self._credentials(), status=201)

    def listing(self) -> Request:
        """List as the tutorial does."""
        return Request("GET", "/links", self._credentials())

    def clear(self) -> None:
        """Empty the tables of links; the account stays."""
        self.cluster.execute("TRUNCATE links, changes, tags, tag_differences")

    def fill(self, rows: int) -> None:
        """Write what that many saves of one account would have left behind."""
        first, self.next_number = self.next_number, self.next_number + rows
        with self.cluster.started() as url:
            library.write(url, [1], first, rows, address=address)

    def fill_believably(self, accounts: int, rows: int) -> None:
        """Write a believable library of so many links, in turn for each of so many accounts."""
        with self.cluster.started() as url:
            library.write(url, range(1, accounts + 1), 0, rows)

    def migrate(self) -> None:
        """Migrate, as an operator does before a new version is started."""
        self._run("db", "migrate")

    def database_processes(self) -> list[psutil.Process]:
        """Return those of the embedded server."""
        return self.cluster.processes()

    def _credentials(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"}

    def _run(self, *arguments: str, text: str = "") -> str:
        done = subprocess.run(
            [self.program, *arguments],
            env=self.whole_environment(),
            input=text,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise RuntimeError(f"linkhold {arguments[0]} failed: {done.stderr}")
        return done.stdout.strip()


class OnItsTables(Contestant):
    """What writes into Linkhold's tables without Linkhold."""

    def __init__(self, place: Path, shape: Shape) -> None:
        super().__init__(place, shape)
        self.linkhold = Linkhold(place, shape)
        self.cluster = self.linkhold.cluster

    def prepare(self) -> None:
        """Make Linkhold's tables."""
        self.linkhold.prepare()

    def clear(self) -> None:
        """Empty the tables of links."""
        self.linkhold.clear()


class LinkholdMinimal(Linkhold):
    """Saving through the tutorial's door, without the list as the answer."""

    name = "linkhold-minimal"
    note = "`POST /links` with `Prefer: return=minimal`: the same work, and an answer without a body."

    def saving(self) -> Request:
        """Save as the tutorial's client does, once it has learnt to ask for no list."""
        headers = self._credentials() | {"Prefer": "return=minimal"}
        return json_save("/links", headers=headers, status=204, title=False)
