"""Connections: durable, bounded, replaced when they are dead, and an error that says what it is."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import psycopg
import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from conftest import TestServer
from linkhold.db import engine as engines
from linkhold.db import pool as pools
from linkhold.errors import DatabaseAway, DatabaseUnsafe


@pytest.fixture
def url(postgres: TestServer, make_database: Callable[[], str]) -> str:
    return postgres.straight(make_database())


@pytest.fixture
def single(url: str) -> Iterator[Engine]:
    """Return an engine with one connection."""
    engine = engines.make_engine(url, pool_size=1, statement_timeout=1)
    yield engine
    engine.dispose()


def pid(engine: Engine) -> int:
    with engine.connect() as connection:
        return int(connection.scalar(text("SELECT pg_backend_pid()")) or 0)


def test_a_connection_that_the_server_closed_is_replaced_unseen(
    postgres: TestServer, single: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pools, "RESTED_SECONDS", -1)
    first = pid(single)
    with postgres.admin() as admin:
        admin.execute("SELECT pg_terminate_backend(%s, 5000)", [first])
    assert pid(single) != first


def test_what_is_only_told_something_is_kept(
    single: Engine, monkeypatch: pytest.MonkeyPatch, url: str
) -> None:
    """A notice to an idle connection is no farewell."""
    monkeypatch.setattr(pools, "RESTED_SECONDS", -1)
    with single.connect() as connection:
        connection.execute(text("LISTEN news"))
    first = pid(single)
    with psycopg.connect(url, autocommit=True) as other:
        other.execute("NOTIFY news")
    assert pid(single) == first


def test_a_broken_connection_is_away_once_and_then_replaced(postgres: TestServer, single: Engine) -> None:
    def break_it() -> None:
        with engines.translated(), engines.borrowed(single) as connection:
            with postgres.admin() as admin:
                admin.execute("SELECT pg_terminate_backend(%s, 5000)", [connection.info.backend_pid])
            connection.execute("SELECT 1")

    with pytest.raises(DatabaseAway):
        break_it()
    with engines.borrowed(single) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)


def test_an_error_leaves_no_transaction_open(single: Engine) -> None:
    def fail() -> None:
        with engines.borrowed(single) as connection:
            connection.execute("BEGIN")
            connection.execute("SELECT 1 / 0")

    with pytest.raises(psycopg.errors.DivisionByZero):
        fail()
    with engines.borrowed(single) as connection:
        assert connection.info.transaction_status == psycopg.pq.TransactionStatus.IDLE


def test_commit_is_durable_even_where_it_is_switched_off(url: str) -> None:
    database = url.rpartition("/")[2].partition("?")[0]
    with psycopg.connect(url, autocommit=True) as connection:
        for value in ("off", "remote_apply"):
            connection.execute(f"ALTER DATABASE {database} SET synchronous_commit = {value}")
            engine = engines.make_engine(url, pool_size=1, statement_timeout=1)
            with engine.connect() as own:
                state = own.scalar(text("SHOW synchronous_commit"))
            engine.dispose()
            assert state == {"off": "on", "remote_apply": "remote_apply"}[value]


def test_a_statement_that_takes_too_long_is_given_up(single: Engine) -> None:
    with pytest.raises(OperationalError, match="statement timeout"), single.connect() as connection:
        connection.execute(text("SELECT pg_sleep(5)"))


def test_plans_are_made_with_the_values(single: Engine) -> None:
    """What is not prepared on purpose is planned anew, however often it is run."""
    with single.connect() as connection:
        for number in range(10):
            connection.execute(text("SELECT :number + 0"), {"number": number})
        assert connection.scalar(text("SELECT count(*) FROM pg_prepared_statements")) == 0


def test_a_server_that_does_not_write_to_disk_is_refused(single: Engine) -> None:
    # The suite's own server is one: it is fast because of it.
    with pytest.raises(DatabaseUnsafe, match="fsync = off"):
        engines.check(single)


def test_a_server_that_is_too_old_is_refused(single: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engines, "OLDEST_POSTGRES", 99)
    with pytest.raises(DatabaseUnsafe, match="99 or later"):
        engines.check(single)


def test_a_server_that_is_not_there_is_away_and_says_why() -> None:
    engine = engines.make_engine("postgresql://ada:hunter2@127.0.0.1:1/x", pool_size=1, statement_timeout=1)
    with pytest.raises(DatabaseAway, match="Connection refused") as caught:
        engines.check(engine)
    assert "hunter2" not in caught.value.message


@pytest.mark.parametrize(
    ("error", "away"),
    [
        (psycopg.errors.AdminShutdown(), True),
        (psycopg.errors.CannotConnectNow(), True),
        (psycopg.errors.DiskFull(), True),
        (psycopg.errors.TooManyConnections(), True),
        (psycopg.errors.ReadOnlySqlTransaction(), True),
        (psycopg.OperationalError("the connection is lost"), True),
        (PoolTimeout(), True),
        (psycopg.errors.UniqueViolation(), False),
        (psycopg.errors.QueryCanceled(), False),
        (psycopg.ProgrammingError(), False),
        (ValueError(), False),
    ],
)
def test_which_errors_mean_that_it_may_be_back_in_a_moment(error: Exception, away: bool) -> None:
    assert engines.is_away(error) == away
