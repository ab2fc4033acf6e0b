"""An upgrade on the embedded server: what was there is dumped aside first, and can be put back."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest

from linkhold.db import migrate
from linkhold.postgres import dumping, server
from system.served import LINKHOLD, Served

pytestmark = pytest.mark.embedded

FIRST = Path(__file__).parents[1] / "db/schemas/0001.sql"


def revision(served: Served) -> str:
    with server.acquire(served.data, say=print) as lease, psycopg.connect(lease.conninfo) as connection:
        row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    assert row is not None
    return str(row[0])


def test_a_migration_can_be_taken_back(tmp_path: Path) -> None:
    served = Served(tmp_path)
    with server.acquire(served.data, say=print) as lease, psycopg.connect(lease.conninfo) as connection:
        connection.execute(FIRST.read_bytes())
    try:
        served.run("db", "migrate")
        dumps = dumping.dumps(served.data / "dumps")
        assert [path.name.endswith("-schema-0001.dump") for path in dumps] == [True]
        assert str(dumps[0]) in served.run("db", "dumps")
        assert revision(served) == migrate.head()
        served.run("db", "migrate")
        assert dumping.dumps(served.data / "dumps") == dumps, "nothing to migrate, nothing to dump"
        served.run("db", "restore", str(dumps[0]))
        assert revision(served) == "0001"
    finally:
        served.close()


def test_a_dump_by_hand_says_what_it_takes_the_place_of(tmp_path: Path) -> None:
    served = Served(tmp_path)
    try:
        served.run("db", "migrate")
        served.run("db", "dump", "--keep")
        served.run("db", "dump")
        stays, first = dumping.dumps(served.data / "dumps")
        again = subprocess.run(
            [LINKHOLD, "db", "dump"], env=served.env(), capture_output=True, text=True, check=True
        )
        assert f"Removed {first}" in again.stderr
        assert dumping.dumps(served.data / "dumps")[0] == stays
    finally:
        served.close()


def test_no_migration_begins_without_its_dump(tmp_path: Path) -> None:
    served = Served(tmp_path)
    with server.acquire(served.data, say=print) as lease, psycopg.connect(lease.conninfo) as connection:
        connection.execute(FIRST.read_bytes())
    (served.data / "dumps").write_text("in the way")
    try:
        done = subprocess.run(
            [LINKHOLD, "db", "migrate"], env=served.env(), capture_output=True, text=True, check=False
        )
        assert done.returncode == 1
        assert "The database could not be dumped" in done.stderr
        assert revision(served) == "0001"
    finally:
        served.close()


def test_a_restore_under_a_running_server_is_refused(make_served: Callable[..., Served]) -> None:
    served = make_served()
    with server.acquire(served.data, say=print) as lease:
        dumped = lease.dump("by-hand")
    served.start()
    done = subprocess.run(
        [LINKHOLD, "db", "restore", dumped], env=served.env(), capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert "The database is in use: stop every linkhold process" in done.stderr
    assert served.request("GET", "/readyz")[0] == 200
