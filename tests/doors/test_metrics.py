"""Metrics: shown to who has the key, true, and without names that a client can invent."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import cast

import pytest
from flask.testing import FlaskClient
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import create_engine

from linkhold import clock, config, keys
from linkhold.app import create_app
from linkhold.db import engine as engines
from linkhold.db.pool import Pool
from linkhold.runtime import Runtime
from pooling import POOLED


@pytest.fixture
def watched(runtime: Runtime, tmp_path: Path) -> Runtime:
    settings = config.load({"LINKHOLD_DATA_DIR": str(tmp_path / "data")})
    return replace(runtime, settings=settings)


@pytest.fixture
def client(watched: Runtime) -> FlaskClient:
    return create_app(watched).test_client()


def key(runtime: Runtime) -> dict[str, str]:
    return {"Authorization": f"Bearer {keys.get(runtime.settings.data_dir, keys.METRICS)}"}


def read(client: FlaskClient, runtime: Runtime) -> dict[str, float]:
    """Return every sample by its name and labels."""
    answer = client.get("/metrics", headers=key(runtime))
    assert answer.status_code == 200, answer.text
    return {
        sample.name + str(sorted(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(answer.text)
        for sample in family.samples
    }


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer wrong", "Basic YTpi", "Token x"])
def test_without_the_key_there_are_no_numbers(client: FlaskClient, header: str) -> None:
    answer = client.get("/metrics", headers={"Authorization": header} if header else {})
    assert answer.status_code == 401
    assert b"linkhold_" not in answer.data
    # No account's token and no password opens them, and so none is asked for.
    assert "linkhold key show metrics" in answer.get_json()["detail"]
    assert answer.headers.getlist("WWW-Authenticate") == ['Bearer realm="linkhold metrics"']


def test_a_renewed_key_replaces_the_old_one_at_once(client: FlaskClient, watched: Runtime) -> None:
    old = key(watched)
    keys.rotate(watched.settings.data_dir, keys.METRICS)
    assert client.get("/metrics", headers=old).status_code == 401
    assert client.get("/metrics", headers=key(watched)).status_code == 200


def test_only_the_service_can_read_the_key(watched: Runtime) -> None:
    keys.get(watched.settings.data_dir, keys.METRICS)
    found = keys.path(watched.settings.data_dir, keys.METRICS)
    assert found.stat().st_mode & 0o777 == 0o600
    assert found.parent.stat().st_mode & 0o777 == 0o700
    assert [each.name for each in found.parent.iterdir()] == [keys.METRICS]


def test_what_is_answered_is_counted_by_door_route_and_status(client: FlaskClient, watched: Runtime) -> None:
    labels = {"door": "v1", "method": "GET", "route": "/api/v1/links", "status": "401"}
    name = f"linkhold_requests_total{sorted(labels.items())}"
    before = read(client, watched).get(name, 0)
    client.get("/api/v1/links")
    client.get("/api/v1/links?q=secret")
    after = read(client, watched)
    assert after[name] == before + 2
    assert after["linkhold_request_seconds_count[('door', 'v1')]"] >= 2
    assert after["linkhold_database_up[]"] == 1
    assert after["linkhold_database_bytes[]"] > 0


def test_a_client_that_waits_for_news_does_not_look_like_a_slow_request(
    client: FlaskClient, watched: Runtime, authorized: dict[str, str]
) -> None:
    """An alert would tell of slowness for as long as a client follows the feed."""
    total, count = (f"linkhold_request_seconds_{each}[('door', 'v1')]" for each in ("sum", "count"))
    client.get("/api/v1/links")
    before = read(client, watched)
    began = clock.monotonic()
    client.get("/api/v1/changes?since=now&wait=1", headers=authorized)
    took = clock.monotonic() - began
    assert took >= 1
    after = read(client, watched)
    assert after[count] == before[count] + 1
    assert after[total] - before[total] < took - 0.9


def test_a_client_cannot_invent_series(client: FlaskClient, watched: Runtime) -> None:
    """Each series costs memory for ever: paths and methods that nobody serves share one."""
    for number in range(3):
        client.get(f"/no-such-place/{number}")
        client.open(f"/links/{number}", method=f"MADEUP{number}")
    text = client.get("/metrics", headers=key(watched)).text
    assert "no-such-place" not in text
    assert "MADEUP" not in text
    assert re.search(r'linkhold_requests_total\{door="none",method="any",route="none",status="404"\}', text)


def test_the_numbers_can_be_read_while_the_database_is_away(watched: Runtime) -> None:
    nowhere = create_engine("postgresql+psycopg://nobody@127.0.0.1:1/nothing")
    away = replace(watched, engine=nowhere)
    found = read(create_app(away).test_client(), away)
    assert found["linkhold_database_up[]"] == 0
    assert "linkhold_database_bytes[]" not in found
    nowhere.dispose()


def test_a_key_that_cannot_be_made_is_said(watched: Runtime, tmp_path: Path) -> None:
    (tmp_path / "data").write_text("in the way")
    answer = create_app(watched).test_client().get("/metrics", headers={"Authorization": "Bearer x"})
    assert answer.status_code == 500
    assert "cannot be read" in answer.get_json()["detail"]


def test_a_request_that_gets_no_connection_is_counted(
    make_database: Callable[[], str], tmp_path: Path
) -> None:
    """Nobody sees it in how many connections are in use now and then."""
    crowded = engines.make_engine(make_database(), pool_size=1, statement_timeout=30, pooled=POOLED)
    cast("Pool", crowded.pool)._timeout = 0.1
    runtime = Runtime.on(crowded, config.load({"LINKHOLD_DATA_DIR": str(tmp_path / "data")}))
    client = create_app(runtime).test_client()
    before = read(client, runtime)["linkhold_pool_timeouts_total[]"]
    with crowded.connect():
        assert client.get("/readyz").status_code == 503
    assert read(client, runtime)["linkhold_pool_timeouts_total[]"] == before + 1
    crowded.dispose()


def test_who_shows_the_key_hears_how_a_request_arrived(client: FlaskClient, watched: Runtime) -> None:
    """The doctor asks so what the proxy in front tells of a client."""
    assert client.get("/readyz").json == {"status": "ready"}
    seen = client.get("/readyz", headers=key(watched) | {"X-Forwarded-For": "192.0.2.77"}).json
    assert seen == {"status": "ready", "seen": {"address": "127.0.0.1", "scheme": "http"}}
