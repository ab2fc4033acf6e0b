"""What the applications share that we wrote for comparison: a cluster of their own, and one table."""

from __future__ import annotations

from abc import abstractmethod
from pathlib import Path

import psutil

from bench.addresses import sql
from bench.cluster import Cluster
from bench.contestant import Shape, WebContestant


class WithCluster(WebContestant):
    """An application that finds its PostgreSQL in `BENCH_DATABASE_URL`, and has a table `links`."""

    table: str
    """The statement that makes the table."""

    def __init__(self, place: Path, shape: Shape) -> None:
        super().__init__(place, shape)
        self.cluster = Cluster(place)

    def prepare(self) -> None:
        """Make the table."""
        self.cluster.execute(self.table)

    def start(self) -> None:
        """Start the cluster, then the application."""
        self.cluster.start()
        super().start()

    def stop(self) -> None:
        """Stop both."""
        super().stop()
        self.cluster.stop()

    def environment(self) -> dict[str, str]:
        """Say where the cluster is."""
        return {"BENCH_DATABASE_URL": self.cluster.url}

    def clear(self) -> None:
        """Empty the table."""
        self.cluster.execute("TRUNCATE links")

    @abstractmethod
    def row(self, url: str) -> str:
        """Return the columns and the SELECT list of a row; `url` is an SQL expression."""

    def fill(self, rows: int) -> None:
        """Write what that many saves would have left behind."""
        first, last = self.next_number, self.next_number + rows - 1
        self.next_number += rows
        numbers = f"generate_series({first}::bigint, {last}::bigint)"
        self.cluster.execute(
            f"INSERT INTO links {self.row(sql('n'))} FROM {numbers} AS n", "VACUUM ANALYZE links"
        )

    def database_processes(self) -> list[psutil.Process]:
        """Return those of its cluster."""
        return self.cluster.processes()
