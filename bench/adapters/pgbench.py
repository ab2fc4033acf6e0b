"""The floor of the database: the same insert without any application, by PostgreSQL's own `pgbench`."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import psutil

from bench.adapters.bare_flask import TABLE
from bench.adapters.linkhold import OnItsTables
from bench.addresses import TITLE, sql
from bench.cluster import Cluster
from bench.contestant import Contestant, Shape
from bench.load import Load, Sample
from linkhold.links import adding
from linkhold.postgres import binaries


class PgbenchBare(Contestant):
    """The insert of the bare Flask view."""

    name = "pgbench-bare"
    note = (
        "The insert of `bare-flask` by `pgbench`, prepared: what the database gives without an application."
    )

    def __init__(self, place: Path, shape: Shape) -> None:
        super().__init__(place, shape)
        self.cluster = Cluster(place)

    def prepare(self) -> None:
        """Make the table."""
        self.cluster.execute(TABLE)

    def statement(self) -> str:
        """Return the insert; `:n` is a number."""
        return (
            "INSERT INTO links (owner_id, url, title, created_at)"
            f" VALUES (1, {sql(':n::bigint')}, '{TITLE}', now()) RETURNING id"
        )

    def start(self) -> None:
        """Start the cluster."""
        self.cluster.start()

    def stop(self) -> None:
        """Stop it."""
        self.cluster.stop()

    def clear(self) -> None:
        """Empty the table."""
        self.cluster.execute("TRUNCATE links")

    def load(self, load: Load) -> Sample:
        """Insert over so many connections."""
        script = self.place / "insert.sql"
        script.write_text(f"\\set n random(0, 9999999999)\n{' '.join(self.statement().split())};\n")
        if load.count is not None:
            return self._measure(load, script, "-t", str(max(1, load.count // load.connections)))
        if load.warm_up:
            self._measure(load, script, "-T", str(max(1, round(load.warm_up))))
        return self._measure(load, script, "-T", str(max(1, round(load.seconds))))

    def fill(self, rows: int) -> None:
        """Insert one by one."""
        self.put(Load(count=rows))

    def web_processes(self) -> list[psutil.Process]:
        """There are none."""
        return []

    def database_processes(self) -> list[psutil.Process]:
        """Return those of its cluster."""
        return self.cluster.processes()

    def _measure(self, load: Load, script: Path, *amount: str) -> Sample:
        options = ["--no-vacuum", "--protocol", "prepared", "--client", str(load.connections), "--jobs", "2"]
        options += ["--log", "--log-prefix", str(self.place / "times"), "--file", str(script), *amount]
        done = subprocess.run(
            [binaries.bundled_dir() / "pgbench", *options, self.cluster.url],
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise RuntimeError(f"pgbench failed: {done.stderr}")
        ended, latencies = zip(*self._times(), strict=True)
        # The first of the latencies began at its end minus itself; the rest lie between.
        seconds = max(ended) - min(end - took for end, took in zip(ended, latencies, strict=True))
        return Sample(seconds=seconds, latencies=list(latencies), sent=len(latencies))

    def _times(self) -> Iterator[tuple[float, float]]:
        """Read when each transaction ended and how long it took, in seconds, from pgbench's logs."""
        for path in sorted(self.place.glob("times.*")):
            for line in path.read_text().splitlines():
                _client, _number, took, _script, second, microsecond = line.split()[:6]
                yield int(second) + int(microsecond) / 1e6, int(took) / 1e6
            path.unlink()


class PgbenchLinkhold(OnItsTables, PgbenchBare):
    """Linkhold's own statement, on its own tables."""

    name = "pgbench-linkhold"
    note = (
        "The statement with which Linkhold saves (link, unique identity, first change: eight indexes) by"
        " `pgbench`, prepared, on Linkhold's tables."
    )

    def statement(self) -> str:
        """Return the statement as the source has it, with SQL that makes up the values."""
        url = sql(":n::bigint")
        row = {"url": url, "identity": url, "identity_hash": f"encode(sha256(({url})::bytea), 'hex')"}
        row |= {"identity_version": "1", "title": f"'{TITLE}'", "description": "''", "notes": "''"}
        row |= {"tags": "'[]'::jsonb"} | dict.fromkeys(("unread", "archived", "shared"), "false")
        row |= {"now": "now()", "title_key": f"'{TITLE.lower()}'", "resembles": ":n::bigint"}
        # The words of the URL and the title, made by PostgreSQL, stand for those that Linkhold computes.
        row |= {"search": f"to_tsvector('simple', {url} || ' {TITLE} @1 .example .site')::text"}
        row |= {"door": "'v1'", "token": "'bench'"}
        row |= {"after": f"jsonb_build_object('url', {url}, 'title', '{TITLE}')"}
        built = ", ".join(f"'{name}', {value}" for name, value in row.items())
        return adding.statement() % {
            "rows": f"jsonb_build_array(jsonb_build_object({built}))",
            "owner_id": "1",
        }
