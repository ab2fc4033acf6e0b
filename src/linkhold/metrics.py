"""What is counted for whoever watches Linkhold, in the format of Prometheus.

Several processes serve, and any of them may be asked: each writes its numbers to files in a shared
directory (prometheus-client's multiprocess mode), and the one that is asked adds them up. The
directory must be known before this module is loaded; without one a process tells its own numbers only.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest, multiprocess
from prometheus_client.metrics_core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from linkhold import config, folding

SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"

_own = CollectorRegistry()

REQUESTS = Counter(
    "linkhold_requests",
    "Requests that were answered.",
    ("door", "route", "method", "status"),
    registry=_own,
)
LATENCY = Histogram(
    "linkhold_request_seconds",
    "Time from a request's arrival at the application to its answer; of a stream, to its beginning;"
    " without what its client wished it to wait for news.",
    ("door",),
    buckets=SECONDS,
    registry=_own,
)
SAVES = Counter("linkhold_saves", "Saves that were committed: added, or merged.", ("result",), registry=_own)
SEARCHES = Histogram(
    "linkhold_search_seconds", "Time that the database took for a search.", buckets=SECONDS, registry=_own
)
POOL_TIMEOUTS = Counter(
    "linkhold_pool_timeouts",
    "Requests that waited for a connection to PostgreSQL and got none.",
    registry=_own,
)
POOL_USED = Gauge(
    "linkhold_pool_connections_used",
    "Connections to PostgreSQL in use, of all processes.",
    multiprocess_mode="livesum",
    registry=_own,
)
POOL_SIZE = Gauge(
    "linkhold_pool_connections",
    "Connections to PostgreSQL that the processes may open.",
    multiprocess_mode="livesum",
    registry=_own,
)


def reserve() -> None:
    """Take room on the disk for what this process will count.

    The files are mapped into memory with holes in them, and whoever writes into a hole when the disk is
    full is killed (SIGBUS). On a full disk saves are to be refused, and everything else to go on.
    """
    directory = config.metrics_directory()
    if directory is None:
        return
    with _folded(directory):
        pass
    SAVES.labels("added")  # the file of counters is made with the first of them
    for path in Path(directory).glob(f"*_{os.getpid()}.db"):
        # Not every system can; where none can, linkhold serve shares no files.
        with suppress(OSError, AttributeError), path.open("r+b") as file:
            os.posix_fallocate(file.fileno(), 0, path.stat().st_size)


def written(now: Iterable[Metric] = ()) -> bytes:
    """Return all numbers as text, with `now`: those that are found out when somebody asks."""
    directory = config.metrics_directory()
    registry = CollectorRegistry()
    registry.register(_Given(now))
    with _folded(directory):
        registry.register(_Given(_own.collect() if directory is None else _of_all(Path(directory))))
        return generate_latest(registry)


def _of_all(directory: Path) -> Iterable[Metric]:
    """Add up what all processes count; the file of one that begins at this moment may still be empty."""
    files = [str(path) for path in directory.glob("*.db") if path.stat().st_size]
    merged: Iterable[Metric] = multiprocess.MultiProcessCollector.merge(files)  # type: ignore[no-untyped-call]  # theirs
    return merged


def gauge(name: str, meaning: str, value: float) -> Metric:
    """Return a number that was found out just now."""
    return GaugeMetricFamily(f"linkhold_{name}", meaning, value=value)


def labelled(name: str, meaning: str, **labels: str) -> Metric:
    """Return a fact: a gauge that is 1, with labels that tell it."""
    found = GaugeMetricFamily(f"linkhold_{name}", meaning, labels=list(labels))
    found.add_metric(list(labels.values()), 1)
    return found


class _Given(Collector):
    def __init__(self, metrics: Iterable[Metric]) -> None:
        self._metrics = list(metrics)

    def collect(self) -> Iterable[Metric]:
        return self._metrics


@contextmanager
def _folded(directory: str | None) -> Iterator[None]:
    """Have what processes that are gone have counted in one place, and let it stay so for the moment."""
    if directory is None:
        yield
        return
    with folding.locked(Path(directory)):
        # Without room on the disk, or a way to take it, the numbers are as right, in more files.
        with suppress(OSError, AttributeError):
            folding.fold(Path(directory))
        yield
