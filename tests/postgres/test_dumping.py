"""Dumps set aside before an upgrade: whole or not at all, few of them, and put back without a loss."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest

from linkhold.errors import DumpFailed
from linkhold.postgres import connection, dumping
from linkhold.postgres.lease import Lease
from postgres import machine

pytestmark = pytest.mark.embedded

Acquire = Callable[..., Lease]


@pytest.fixture
def lease(data_dir: Path, acquire: Acquire) -> Lease:
    lease = acquire(data_dir)
    machine.ask(lease, "CREATE TABLE precious (word text)")
    machine.ask(lease, "INSERT INTO precious VALUES ('before')")
    return lease


def words_of(lease: Lease) -> list[object]:
    return [row[0] for row in machine.ask(lease, "SELECT word FROM precious ORDER BY word")]


def test_what_was_dumped_can_be_put_back_and_what_was_there_stays(lease: Lease) -> None:
    dumped = lease.dump("schema-0001")
    machine.ask(lease, "INSERT INTO precious VALUES ('after')")
    aside = lease.restore(dumped)
    assert words_of(lease) == ["before"]
    where = lease.conninfo.replace("dbname=linkhold", f"dbname={aside}")
    with psycopg.connect(where) as connection:
        assert len(connection.execute("SELECT FROM precious").fetchall()) == 2


def test_only_the_newest_dumps_are_kept_and_only_their_owner_can_read_them(lease: Lease) -> None:
    made = [lease.dump(f"schema-{number}") for number in range(5)]
    assert dumping.dumps(lease.dumps) == made[-dumping.KEPT :]
    assert lease.dumps.stat().st_mode & 0o777 == 0o700


def test_attempts_at_one_upgrade_push_out_no_dump_of_another_schema(lease: Lease) -> None:
    """A migration that fails is tried again every second."""
    first, second = lease.dump("schema-0001"), lease.dump("schema-0002")
    assert {lease.dump_unless_recent("schema-0002") for _ in range(5)} == {second}
    again = [lease.dump("schema-0002") for _ in range(5)]
    assert dumping.dumps(lease.dumps) == [first, again[-1]]


def test_what_somebody_laid_beside_the_dumps_is_none_of_them(lease: Lease) -> None:
    lease.dumps.mkdir()
    strange = [lease.dumps / name for name in ("before-upgrade.dump", "20269999-256199-000000-x.dump")]
    for path in strange:
        path.touch()
    made = [lease.dump(f"schema-{number}") for number in range(dumping.KEPT)]
    assert dumping.dumps(lease.dumps) == made
    assert all(path.exists() for path in strange)


def test_a_dump_that_is_to_stay_stays(lease: Lease) -> None:
    stays = [lease.dump("kept-schema-0001"), lease.dump("kept-schema-0001")]
    made = [lease.dump(f"schema-{number}") for number in range(5)]
    assert dumping.dumps(lease.dumps) == stays + made[-dumping.KEPT :]


def test_a_dump_that_is_not_new_any_more_is_made_anew(lease: Lease, monkeypatch: pytest.MonkeyPatch) -> None:
    old = lease.dump("schema-0001")
    monkeypatch.setattr(dumping, "RECENT", timedelta(0))
    assert lease.dump_unless_recent("schema-0001") != old


@pytest.mark.parametrize("words", ["ALTER DATABASE linkhold_restored", "ALTER DATABASE linkhold RENAME"])
def test_a_crash_while_a_dump_is_put_in_place_leaves_a_database_that_can_be_used(
    data_dir: Path, acquire: Acquire, lease: Lease, monkeypatch: pytest.MonkeyPatch, words: str
) -> None:
    dumped = lease.dump("schema-0001")
    machine.ask(lease, "INSERT INTO precious VALUES ('saved since')")
    execute = psycopg.Connection.execute

    def killed(connection: psycopg.Connection[Any], query: Any, *rest: Any) -> object:
        done = execute(connection, query, *rest)
        if words in str(query):
            connection.pgconn.finish()
            raise psycopg.OperationalError("killed")
        return done

    monkeypatch.setattr(psycopg.Connection, "execute", killed)
    with pytest.raises(psycopg.OperationalError):
        lease.restore(dumped)
    monkeypatch.undo()
    assert words_of(acquire(data_dir)) == ["before", "saved since"]


@pytest.mark.parametrize(
    ("names", "found"),
    [(["linkhold_before_1"], ["before"]), (["linkhold_before_1", "linkhold_restored"], ["dumped"])],
)
def test_a_database_that_lost_its_name_while_a_dump_was_put_in_place_gets_it_back(
    data_dir: Path, acquire: Acquire, lease: Lease, names: list[str], found: list[str]
) -> None:
    connection.statements(lease.socket_dir, *(f"CREATE DATABASE {name} TEMPLATE linkhold" for name in names))
    if "linkhold_restored" in names:
        where = lease.conninfo.replace("dbname=linkhold", "dbname=linkhold_restored")
        with psycopg.connect(where, user="postgres") as restored:
            restored.execute("UPDATE precious SET word = 'dumped'")
    connection.statements(lease.socket_dir, "DROP DATABASE linkhold")
    assert words_of(acquire(data_dir)) == found


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
    assert words_of(lease) == ["before"]


def test_a_database_in_use_is_not_taken_away(lease: Lease) -> None:
    dumped = lease.dump("schema-0001")
    with psycopg.connect(lease.conninfo), pytest.raises(DumpFailed, match="in use"):
        lease.restore(dumped)
    assert words_of(lease) == ["before"]
