"""Linkhold, as its users run it: `linkhold serve` with its embedded PostgreSQL."""

from __future__ import annotations

import secrets
import subprocess
import sys
from pathlib import Path

import psutil

from bench.addresses import TITLE, sql
from bench.cluster import Cluster
from bench.contestant import Shape, WebContestant
from bench.request import Request, json_save

NUMBERS = "generate_series({first}::bigint, {last}::bigint) AS n"


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
        self.token = ""

    def prepare(self) -> None:
        """Make an account and a token."""
        self._run("account", "add", "bench", "--password-stdin", text=secrets.token_urlsafe())
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
        self.cluster.execute("TRUNCATE links, changes")

    def fill(self, rows: int) -> None:
        """Write what that many saves would have left behind."""
        first, last = self.next_number, self.next_number + rows - 1
        self.next_number += rows
        numbers = NUMBERS.format(first=first, last=last)
        self.cluster.execute(LINKS.format(numbers=numbers), CHANGES, "VACUUM ANALYZE links, changes")

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


class LinkholdMinimal(Linkhold):
    """Saving through the tutorial's door, without the list as the answer."""

    name = "linkhold-minimal"
    note = "`POST /links` with `Prefer: return=minimal`: the same work, and an answer without a body."

    def saving(self) -> Request:
        """Save as the tutorial's client does, once it has learnt to ask for no list."""
        headers = self._credentials() | {"Prefer": "return=minimal"}
        return json_save("/links", headers=headers, status=204, title=False)


LINKS = f"""
    INSERT INTO links (owner_id, url, identity, identity_hash, identity_version, title, description,
                       notes, tags, unread, archived, shared, created_at, changed_at)
    SELECT accounts.id, url, url, sha256(url::bytea), 1, '{TITLE}', '', '', '{{{{}}}}',
           false, false, false, now(), now()
    FROM accounts, (SELECT {sql("n")} AS url FROM {{numbers}} ORDER BY n) AS made
"""
CHANGES = """
    INSERT INTO changes (owner_id, link_id, kind, door, token, made_at, before, after)
    SELECT owner_id, id, 'added', 'v1', 'bench', created_at, '{}',
           jsonb_build_object('url', url, 'title', title)
    FROM links
    WHERE id > (SELECT coalesce(max(link_id), 0) FROM changes)
    ORDER BY id
"""
