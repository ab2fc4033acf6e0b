"""What tests meet: a real PostgreSQL shared by all of a run, a database for each process of it."""

from __future__ import annotations

import fcntl
import itertools
import math
import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack, nullcontext
from dataclasses import dataclass, replace
from pathlib import Path
from typing import cast

import psycopg
import pytest
from argon2 import PasswordHasher
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import settings as hypothesis
from sqlalchemy import Engine, make_url
from sqlalchemy.orm import Session, sessionmaker

import pooling
from linkhold import clock, config
from linkhold.accounts import accounts, passwords, tokens
from linkhold.accounts.models import Account
from linkhold.app import create_app
from linkhold.db import engine as engines
from linkhold.db import migrate
from linkhold.db.pool import Direct
from linkhold.links import saving
from linkhold.links.changes import Origin
from linkhold.links.counting import Counts
from linkhold.links.models import Link
from linkhold.postgres import binaries, connection, server
from linkhold.postgres.lease import Lease
from linkhold.runtime import Runtime
from pooling import POOLED, Pooler
from system.prepared import Prepared, in_run

# Nothing here starts with the settings of whoever runs it, nor as a part of the make that runs it.
for foreign in [name for name in os.environ if name.startswith(("LINKHOLD_", "MAKE", "MFLAGS"))]:
    del os.environ[foreign]

# A machine may pause at any moment, and what a moment may take is not what the tests are about.
hypothesis.register_profile("unhurried", deadline=None)
hypothesis.load_profile("unhurried")
engines.CONNECT_SECONDS = 60

NUMBERS = itertools.count(1)
PASSWORD = "correct horse"
ORIGIN = Origin("test")

# What is tested here is not the strength of the hash: 64 MiB for each log-in would be the suite's main cost.
passwords.HASHER = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


@dataclass(frozen=True)
class TestServer:
    """The PostgreSQL of a run."""

    __test__ = False
    lease: Lease
    pooler: Pooler | None = None
    """A pgbouncer through which everything goes, where the run asks for one."""

    def admin(self) -> psycopg.Connection[tuple[object, ...]]:
        """Connect as superuser."""
        return psycopg.connect(
            connection.conninfo(self.lease.socket_dir, user="postgres", database="postgres"), autocommit=True
        )

    def straight(self, url: str) -> str:
        """Return a URL that leads to the server itself, past a pooler."""
        return self.lease.url.replace("/linkhold?", f"/{make_url(url).database}?")

    def url(self, database: str) -> str:
        """Return the URL of a database, for its owner."""
        if self.pooler is not None:
            return self.pooler.url(database)
        return self.lease.url.replace("/linkhold?", f"/{database}?")

    def told(self, url: str) -> dict[str, str]:
        """Return what Linkhold is told of a database behind the pooler; nothing where there is none."""
        return self.pooler.told(self.straight(url)) if self.pooler is not None else {}


@pytest.fixture(scope="session")
def run_root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A directory that all processes of this run share."""
    root = tmp_path_factory.getbasetemp()
    return root.parent if "PYTEST_XDIST_WORKER" in os.environ else root


@pytest.fixture(scope="session")
def prepared(run_root: Path) -> Prepared:
    """A data directory to copy, with an account and a token."""
    return in_run(run_root)


@pytest.fixture(scope="session")
def postgres(run_root: Path) -> Iterator[TestServer]:
    """Start the server of this run, or join it; TEST_POSTGRES_BIN names another version's binaries."""
    chosen = os.environ.get("TEST_POSTGRES_BIN")
    lease = server.acquire(
        run_root / "server",
        say=print,
        binaries=binaries.at(Path(chosen)) if chosen else None,
        extra_settings={"fsync": "off", "max_connections": "300"},
    )
    try:
        with ExitStack() as ends:
            # One after another, also where the role gets its settings: PostgreSQL refuses two at once.
            with (run_root / "template.lock").open("w") as lock:
                fcntl.flock(lock, fcntl.LOCK_EX)
                _make_template(TestServer(lease))
                pooled = pooling.through(lease.socket_dir, patience=60)
                pooler = ends.enter_context(pooled) if POOLED else None
            yield TestServer(lease, pooler)
    finally:
        lease.close()


def _make_template(server: TestServer) -> None:
    with server.admin() as connection:
        known = connection.execute("SELECT 1 FROM pg_database WHERE datname = 'template_linkhold'").fetchone()
        if known:
            return
        connection.execute("CREATE DATABASE template_linkhold OWNER linkhold")
    engine = make_engine(server.url("template_linkhold"))
    migrate.upgrade(engine)
    engine.dispose()


def make_engine(url: str, *, pool_size: int = 40) -> Engine:
    return engines.make_engine(url, pool_size=pool_size, statement_timeout=30, pooled="port=" in url)


@pytest.fixture(scope="session")
def make_database(postgres: TestServer) -> Callable[[], str]:
    """Return a function that makes a fresh, migrated database and returns its URL."""

    def make() -> str:
        name = f"test_{os.getpid()}_{next(NUMBERS)}"
        with postgres.admin() as connection:
            connection.execute(f"CREATE DATABASE {name} TEMPLATE template_linkhold OWNER linkhold")
        return postgres.url(name)

    return make


@pytest.fixture(scope="session")
def engine(make_database: Callable[[], str]) -> Iterator[Engine]:
    """One database for all tests of this process that roll back what they did."""
    engine = make_engine(make_database())
    yield engine
    engine.dispose()


@pytest.fixture
def settings() -> config.Settings:
    return config.load({"LINKHOLD_DATABASE_POOLER": "transaction"} if POOLED else {})


@pytest.fixture
def runtime(engine: Engine, settings: config.Settings) -> Iterator[Runtime]:
    """A runtime whose every commit is to a savepoint; all is rolled back after the test."""
    with engines.transactional(engine).connect() as connection, connection.begin() as outer:
        sessions = sessionmaker(connection, join_transaction_mode="create_savepoint", expire_on_commit=False)
        yield replace(
            Runtime.on(engine, settings),
            sessions=sessions,
            readers=sessions,
            lend=lambda: nullcontext(cast("Direct", connection.connection.driver_connection)),
            counts=Counts(worth_keeping=math.inf),  # on a busy machine any counting may take long
        )
        outer.rollback()


@pytest.fixture
def own_runtime(postgres: TestServer, make_database: Callable[[], str]) -> Iterator[Runtime]:
    """A runtime with a database of its own, in which commits are commits: for locks and many connections."""
    url = make_database()
    engine = make_engine(url)
    yield Runtime.on(engine, config.load(postgres.told(url)))
    engine.dispose()


@pytest.fixture
def one_moment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let time stand still: what is to be slowed is refused however long the machine takes for a guess."""
    moment = clock.now()
    monkeypatch.setattr(clock, "now", lambda: moment)


@pytest.fixture
def session(runtime: Runtime) -> Iterator[Session]:
    with runtime.transaction() as session:
        yield session


@pytest.fixture
def app(runtime: Runtime) -> Flask:
    return create_app(runtime)


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


MakeAccount = Callable[..., Account]


def add_account(runtime: Runtime, name: str | None = None) -> Account:
    with runtime.transaction() as session:
        return accounts.create(session, name or f"person{next(NUMBERS)}", PASSWORD)


def add_token(runtime: Runtime, account: Account, *scopes: str) -> str:
    with runtime.transaction() as session:
        return tokens.issue(session, account.id, label="test token", scopes=scopes or tokens.SCOPES)


def add_link(runtime: Runtime, account: Account, url: str | None = None, **fields: object) -> Link:
    with runtime.transaction() as session:
        draft = runtime.drafting.draft(url or f"https://example.com/{next(NUMBERS)}", **fields)  # type: ignore[arg-type]
        link_id = saving.save(session, account.id, draft, origin=ORIGIN).link.id
        return session.get_one(Link, (account.id, link_id))


@pytest.fixture
def make_account(runtime: Runtime) -> Callable[..., Account]:
    return lambda *args, **kwargs: add_account(runtime, *args, **kwargs)


@pytest.fixture
def make_token(runtime: Runtime) -> Callable[..., str]:
    return lambda *args, **kwargs: add_token(runtime, *args, **kwargs)


@pytest.fixture
def make_link(runtime: Runtime) -> Callable[..., Link]:
    return lambda *args, **kwargs: add_link(runtime, *args, **kwargs)


@pytest.fixture
def account(make_account: Callable[..., Account]) -> Account:
    return make_account()


@pytest.fixture
def authorized(make_token: Callable[..., str], account: Account) -> dict[str, str]:
    """The header of a token of `account` with all scopes."""
    return {"Authorization": f"Bearer {make_token(account)}"}
