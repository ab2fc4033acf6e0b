"""What is in the database afterwards, held against what the writer was told."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass

import psutil

from linkhold.postgres import binaries
from patience import until
from system.served import Served, is_postgres
from system.writer import Target, Writer, link


@dataclass(frozen=True)
class Verdict:
    """Numbers of saves: acknowledged and not there; there and not whole; there and never sent."""

    lost: set[int]
    broken: set[int]
    unknown: set[int]

    @property
    def good(self) -> bool:
        return not (self.lost or self.broken or self.unknown)


def judge(target: Target, writer: Writer) -> Verdict:
    """Compare every save that was sent with the rows of links and changes."""
    mine = f"WHERE owner_id = {target.owner}"
    links = target.rows(f"SELECT id, url, title, tags FROM links {mine}")
    changes = target.rows(
        f"SELECT link_id, count(*), min(kind) AS kind, min(after::text)::jsonb AS after FROM changes {mine}"
        " GROUP BY link_id"
    )
    history = {row.pop("link_id"): row for row in changes}
    found: dict[int, int] = {}
    broken: set[int] = set()
    for row in links:
        number = int(row["url"].rpartition("/")[2].partition("?")[0])
        found[number] = row.pop("id")
        wanted = link(number)
        added = {"count": 1, "kind": "added", "after": wanted}
        if row != wanted or history.pop(found[number], None) != added:
            broken.add(number)
    lost = {n for n, link_id in writer.acknowledged.items() if found.get(n) != link_id}
    # A change without a link is half a save too.
    return Verdict(lost, broken | set(history), set(found) - writer.sent)


def assert_kept(target: Target, writer: Writer) -> None:
    """See that each save was made, or refused with the word to try again, and is there as it was answered."""
    assert set(writer.statuses) <= {201, 503}, writer.statuses
    assert writer.without_retry_after == 0
    found = judge(target, writer)
    assert found.good, found


def checksums_verify(served: Served) -> bool:
    """Tell whether every page of the stopped cluster has the checksum that it should have."""
    if served.lease is not None:
        served.stop_postgres()
    data = served.cluster / "data"
    until(lambda: served.postmaster() is None)
    program = (served.programs or binaries.bundled()).program("pg_checksums")
    done = subprocess.run([program, "--check", "-D", data], capture_output=True, text=True, check=False)
    assert "Bad checksums:  0" in done.stdout, done.stdout + done.stderr
    return done.returncode == 0


def nothing_runs(served: Served) -> bool:
    """Tell whether no process works for the data directory any more: neither the web's nor PostgreSQL's."""
    for process in psutil.process_iter():
        try:
            if is_postgres(process) and str(served.data) in process.cwd():
                return False
            if process.environ().get("LINKHOLD_DATA_DIR") == str(served.data):
                return False
        except psutil.Error:
            continue
    return True
