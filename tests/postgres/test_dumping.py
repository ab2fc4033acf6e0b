"""Dumps set aside before an upgrade: whole or not at all, few of them, and put back without a loss."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest

from linkhold.errors import DumpFailed
from linkhold.postgres import dumping
from linkhold.postgres.lease import Lease
from postgres import machine

Acquire = Callable[..., Lease]


@pytest.fixture
def lease(data_dir: Path, acquire: Acquire) -> Lease:
    lease = acquire(data_dir)
    machine.ask(lease, "CREATE TABLE precious (word text)")
    machine.ask(lease, "INSERT INTO precious VALUES ('before')")
    return lease


def words(lease: Lease) -> list[object]:
    return [row[0] for row in machine.ask(lease, "SELECT word FROM precious ORDER BY word")]


def test_what_was_dumped_can_be_put_back_and_what_was_there_stays(lease: Lease) -> None:
    dumped = lease.dump("schema-0001")
    machine.ask(lease, "INSERT INTO precious VALUES ('after')")
    aside = lease.restore(dumped)
    assert words(lease) == ["before"]
    where = lease.conninfo.replace("dbname=linkhold", f"dbname={aside}")
    with psycopg.connect(where) as connection:
        assert len(connection.execute("SELECT FROM precious").fetchall()) == 2


def test_only_the_newest_dumps_are_kept_and_only_their_owner_can_read_them(lease: Lease) -> None:
    made = [lease.dump(f"schema-{number}") for number in range(5)]
    assert dumping.dumps(lease.dumps) == made[-dumping.KEPT :]
    assert lease.dumps.stat().st_mode & 0o777 == 0o700


def test_a_dump_that_fails_leaves_nothing_and_says_why(lease: Lease, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lease, "database", "missing")
    with pytest.raises(DumpFailed, match="missing"):
        lease.dump("schema-0001")
    assert list(lease.dumps.iterdir()) == []


def test_a_broken_dump_is_refused_and_the_database_is_as_it_was(lease: Lease) -> None:
    dumped = lease.dump("schema-0001")
    dumped.write_bytes(dumped.read_bytes()[:-200])
    with pytest.raises(DumpFailed, match="could not be restored"):
        lease.restore(dumped)
    assert words(lease) == ["before"]


def test_a_database_in_use_is_not_taken_away(lease: Lease) -> None:
    dumped = lease.dump("schema-0001")
    with psycopg.connect(lease.conninfo), pytest.raises(DumpFailed, match="in use"):
        lease.restore(dumped)
    assert words(lease) == ["before"]
