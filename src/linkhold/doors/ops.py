"""The door for whoever watches Linkhold: is it alive, can it do its work, and how much does it do."""

from __future__ import annotations

from collections.abc import Iterator

from flask import Blueprint, Response, request
from prometheus_client.metrics_core import Metric

import linkhold
from linkhold import clock, keys, metrics
from linkhold.db import migrate, readiness
from linkhold.db.vitals import vitals
from linkhold.doors import current, reply
from linkhold.errors import DatabaseFault, MetricsKeyMissing
from linkhold.postgres import dumping
from linkhold.runtime import Runtime

bp = Blueprint("ops", __name__)


@bp.get("/healthz")
def healthz() -> Response:
    """Answer that the process is alive; asks nothing of the database."""
    return reply.json({"status": "alive"})


@bp.get("/readyz")
def readyz() -> Response:
    """Answer that saves would succeed: the database is reachable, takes writes, and has a schema we serve."""
    readiness.check(current.runtime().engine)
    if not _has_key():
        return reply.json({"status": "ready"})
    # The doctor asks through the proxy: what arrived here tells what the proxy does.
    seen = {"address": request.remote_addr or "", "scheme": request.scheme}
    return reply.json({"status": "ready", "seen": seen})


@bp.get("/metrics")
def numbers() -> Response:
    """Answer the metrics, in the format of Prometheus, to whoever shows the key that is kept for it.

    It is a key of its own, no account's token, so that they can be read while the database is away.
    """
    if not _has_key():
        raise MetricsKeyMissing
    return Response(metrics.written(_now(current.runtime())), content_type=metrics.CONTENT_TYPE)


def _has_key() -> bool:
    given = request.authorization
    if given is None or given.type != "bearer" or not given.token:
        return False
    return keys.is_right(current.runtime().settings.data_dir, keys.METRICS, given.token)


def _now(runtime: Runtime) -> Iterator[Metric]:
    yield from _dumps(runtime)
    yield metrics.labelled("info", "This Linkhold.", version=linkhold.__version__, schema=migrate.head())
    try:
        found = vitals(runtime.engine)
    except DatabaseFault:
        yield metrics.gauge("database_up", "Whether the database can be reached.", 0)
        return
    yield metrics.gauge("database_up", "Whether the database can be reached.", 1)
    yield metrics.gauge("database_bytes", "Size of the database.", found.size)
    yield metrics.gauge("links", "Links in all libraries, by PostgreSQL's estimate.", found.links)
    yield metrics.gauge("database_connections", "Connections that the database has.", found.connections)
    yield metrics.gauge("database_connections_most", "Connections that it allows.", found.most_connections)


def _dumps(runtime: Runtime) -> Iterator[Metric]:
    """Tell how old the oldest and the newest dump of the embedded database are, where there are some."""
    made = [dumping.moment(path) for path in dumping.dumps(runtime.settings.data_dir / "dumps")]
    for name, moment in (("oldest", made[:1]), ("newest", made[-1:])):
        for each in moment:
            age = (clock.now() - each).total_seconds()
            yield metrics.gauge(f"{name}_dump_seconds", f"Age of the {name} dump.", age)
