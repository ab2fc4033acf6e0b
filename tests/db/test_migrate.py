"""Migrations: once, whoever comes first; whole or not at all; and the models are what they make."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, text

from conftest import TestServer, make_engine
from linkhold.db import migrate
from linkhold.db.engine import transactional
from linkhold.errors import DatabaseFault, SchemaMismatch
from linkhold.schema import metadata


@pytest.fixture
def empty(postgres: TestServer, request: pytest.FixtureRequest) -> Iterator[Engine]:
    """Return an engine on a database that has nothing in it."""
    name = f"empty_{abs(hash(request.node.nodeid))}"
    with postgres.admin() as connection:
        connection.execute(f"CREATE DATABASE {name} OWNER linkhold")
    engine = make_engine(postgres.url(name))
    yield engine
    engine.dispose()


def tables(engine: Engine) -> set[str]:
    with engine.connect() as connection:
        query = "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
        return set(connection.scalars(text(query)))


def test_an_empty_database_is_brought_up_once(empty: Engine) -> None:
    assert not migrate.is_current(empty)
    assert migrate.upgrade(empty) == (None, migrate.head())
    assert migrate.is_current(empty)
    assert migrate.upgrade(empty) == (migrate.head(), migrate.head())


def test_many_that_start_at_once_migrate_once(empty: Engine) -> None:
    with ThreadPoolExecutor(6) as pool:
        results = list(pool.map(lambda _: migrate.upgrade(empty), range(6)))
    assert all(wanted == migrate.head() for _, wanted in results)
    assert migrate.is_current(empty)


def test_the_models_are_what_the_migrations_make(empty: Engine) -> None:
    migrate.upgrade(empty)
    with empty.connect() as connection:
        context = MigrationContext.configure(
            connection, opts={"compare_type": True, "compare_server_default": True}
        )
        assert compare_metadata(context, metadata) == []


def test_the_names_of_the_migrations_say_what_alembic_says() -> None:
    scripts = ScriptDirectory(str(migrate.SCRIPTS))
    assert migrate.head() == scripts.get_current_head()
    for script in scripts.walk_revisions():
        assert Path(script.path).name.startswith(f"{script.revision}_")


def test_a_schema_from_the_future_is_refused_by_name(empty: Engine) -> None:
    migrate.upgrade(empty)
    with transactional(empty).begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(SchemaMismatch, match="9999"):
        migrate.upgrade(empty)


def test_a_migration_that_fails_leaves_what_was(empty: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    def half(config: object, _: str) -> None:
        connection = config.attributes["connection"]  # type: ignore[attr-defined]
        connection.execute(text("CREATE TABLE half (id int)"))
        connection.execute(text("SELECT 1 / 0"))

    monkeypatch.setattr(command, "upgrade", half)
    with pytest.raises(DatabaseFault, match="division by zero"):
        migrate.upgrade(empty)
    assert tables(empty) == set()


def test_a_migration_that_waits_too_long_for_a_table_says_so(
    empty: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    def waiting(config: object, _: str) -> None:
        connection = config.attributes["connection"]  # type: ignore[attr-defined]
        connection.execute(text("SET LOCAL lock_timeout = '100ms'"))
        connection.execute(text("LOCK TABLE held"))

    monkeypatch.setattr(command, "upgrade", waiting)
    with transactional(empty).begin() as connection:
        connection.execute(text("CREATE TABLE held ()"))
    with transactional(empty).begin() as holder:
        holder.execute(text("LOCK TABLE held"))
        with pytest.raises(DatabaseFault, match="lock timeout"):
            migrate.upgrade(empty)


def test_the_owner_leads_every_key_and_index_of_what_belongs_to_an_account(engine: Engine) -> None:
    query = """
        SELECT c.relname, i.indexrelid::regclass::text, a.attname
        FROM pg_index i
        JOIN pg_class c ON c.oid = i.indrelid
        JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = i.indkey[0]
        JOIN pg_class x ON x.oid = i.indexrelid JOIN pg_am m ON m.oid = x.relam
        WHERE c.relnamespace = 'public'::regnamespace AND m.amname = 'btree'
    """
    with engine.connect() as connection:
        leading = connection.execute(text(query)).all()
    owned = {table.name for table in metadata.tables.values() if "owner_id" in table.columns}
    assert {"links", "changes", "tokens", "sessions", "kept_answers"} <= owned
    assert [row for row in leading if row[0] in owned and row[2] != "owner_id"] == []


def test_the_tutorials_columns_are_there(engine: Engine) -> None:
    with engine.connect() as connection:
        connection.execute(text("SELECT id, url FROM links"))


def test_the_role_of_the_application_can_do_no_more_than_it_must(engine: Engine) -> None:
    query = "SELECT rolsuper, rolcreatedb, rolcreaterole, rolreplication, rolbypassrls FROM pg_roles"
    with engine.connect() as connection:
        row = connection.execute(text(f"{query} WHERE rolname = current_user")).one()
    assert set(row) == {False}
