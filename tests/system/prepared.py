"""A data directory with an account and a token: made once for a run, and copied for each who wants one.

PostgreSQL, its schema and two commands take seconds to make it, of which a run would have a hundred.
"""

from __future__ import annotations

import fcntl
import subprocess
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import owned
from patience import until
from system.served import Served


@dataclass(frozen=True)
class Prepared:
    """What is in it, and where it stands."""

    home: Path
    token: str

    def hand_to(self, served: Served) -> None:
        """Let a server that was never started begin with it."""
        # Of no other PostgreSQL than the one that this run is about.
        if served.programs != owned.programs():
            served.prepare()
            return
        served.root.mkdir(exist_ok=True)
        subprocess.run(["cp", "--archive", f"{self.home}/.", served.root], check=True)
        served.token = self.token
        served.provide()


def in_run(root: Path) -> Prepared:
    """Return the one of a run, which has a directory of its own; made by whoever needs it first."""
    home, token = root / "prepared", root / "prepared.token"
    with (root / "prepared.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not token.exists():
            with closing(Served(home)) as served:
                served.prepare()
                # Whoever copies it while PostgreSQL is about to end would have half of it.
                if served.lease is None:
                    until(lambda: served.postmaster() is None)
            token.write_text(served.token)
    return Prepared(home, token.read_text())
