"""Migrations: once, whoever comes first; whole or not at all; and the models are what they make."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, text

import linkhold
from conftest import TestServer, make_engine
from linkhold.db import engine as engines
from linkhold.db import migrate, readiness
from linkhold.db.engine import transactional
from linkhold.db.migrate import Standing
from linkhold.errors import DatabaseAway, DatabaseFault, SchemaMismatch
from linkhold.schema import metadata


def tables(engine: Engine) -> set[str]:
    with engine.connect() as connection:
        query = "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
        return set(connection.scalars(text(query)))


def standing(engine: Engine) -> Standing:
    with engine.connect() as connection:
        return migrate.standing(connection)


def test_an_empty_database_is_brought_up_once(empty: Engine) -> None:
    assert migrate.upgrade(empty) == (None, migrate.head())
    assert standing(empty).revision == migrate.head()
    assert migrate.upgrade(empty) == (migrate.head(), migrate.head())


def test_many_that_start_at_once_migrate_once(empty: Engine) -> None:
    with ThreadPoolExecutor(6) as pool:
        results = list(pool.map(lambda _: migrate.upgrade(empty), range(6)))
    assert all(wanted == migrate.head() for _, wanted in results)
    assert standing(empty).is_served


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
        connection.execute(text("COMMENT ON TABLE alembic_version IS 'Linkhold 9.9.9'"))
    with pytest.raises(SchemaMismatch, match="9999"):
        migrate.upgrade(empty)


@pytest.fixture
def newer(empty: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Engine]:
    """Return a function that lets a later version, with one more migration, migrate the database."""

    def migrated(expands: str) -> Engine:
        scripts = shutil.copytree(migrate.SCRIPTS, tmp_path / "migrations")
        (scripts / "versions/9999_more.py").write_text(
            f"revision, down_revision = '9999', '{migrate.head()}'\n{expands}\ndef upgrade():\n    pass\n"
        )
        with monkeypatch.context() as later:
            later.setattr(migrate, "SCRIPTS", scripts)
            later.setattr(linkhold, "__version__", "9.9.9")
            migrate.head.cache_clear()
            assert migrate.upgrade(empty) == (None, "9999")
        migrate.head.cache_clear()
        return empty

    return migrated


def test_a_newer_schema_that_only_adds_is_served_as_it_is(newer: Callable[[str], Engine]) -> None:
    """While a new version migrates, and when it is taken back, the one before goes on serving."""
    engine = newer("expands = True")
    assert migrate.pending(engine) is None
    assert migrate.upgrade(engine) == ("9999", "9999")
    readiness.check(engine)


@pytest.mark.parametrize("expands", ["", "expands = False"])
def test_any_other_newer_schema_is_refused_with_the_version_that_made_it(
    newer: Callable[[str], Engine], expands: str
) -> None:
    engine = newer(expands)
    for refuses in (migrate.upgrade, readiness.check):
        with pytest.raises(SchemaMismatch, match=r"9999.* Linkhold 9\.9\.9 made it\. Install that version"):
            refuses(engine)


def test_a_migration_in_the_way_of_others_lets_them_pass_and_tries_again(
    empty: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever comes after a migration that waits for a lock waits too, and gives up after ten seconds."""
    migrate.upgrade(empty)
    monkeypatch.setattr(migrate, "_run", lambda c: c.execute(text("LOCK links")))
    monkeypatch.setattr(migrate, "LOCK_SECONDS", 0.2)
    monkeypatch.setattr(migrate, "LOCK_PAUSE", 0.2)
    with transactional(empty).begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '0001'"))
    with ThreadPoolExecutor(1) as pool, transactional(empty).connect() as reader:
        reader.execute(text("SELECT FROM links"))
        migrating = pool.submit(migrate.upgrade, empty)
        with pytest.raises(TimeoutError):
            migrating.result(1)
        reader.rollback()
        assert migrating.result(30) == ("0001", migrate.head())


def test_a_lock_that_is_never_free_ends_a_migration_with_the_reason(
    empty: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    migrate.upgrade(empty)
    monkeypatch.setattr(migrate, "_run", lambda c: c.execute(text("LOCK links")))
    for name, value in (("LOCK_SECONDS", 0.1), ("LOCK_PAUSE", 0), ("LOCK_ATTEMPTS", 2)):
        monkeypatch.setattr(migrate, name, value)
    with transactional(empty).begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '0001'"))
    with transactional(empty).connect() as reader:
        reader.execute(text("SELECT FROM links"))
        with pytest.raises(DatabaseFault, match=r"the database is as it was: .*lock timeout"):
            migrate.upgrade(empty)


def test_requests_outlast_a_migration_that_waits() -> None:
    assert migrate.LOCK_SECONDS * 1000 < engines.LOCK_MILLISECONDS / 2


def test_a_database_that_takes_no_writes_is_not_ready(postgres: TestServer, empty: Engine) -> None:
    migrate.upgrade(empty)
    with postgres.admin() as admin:
        admin.execute(f"ALTER DATABASE {empty.url.database} SET default_transaction_read_only = on".encode())
    straight = make_engine(postgres.straight(str(empty.url)))
    with pytest.raises(DatabaseAway, match="takes no saves"):
        readiness.check(straight)
    straight.dispose()


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
    # The feed of changes waits for the oldest transaction of the server, on which other tests run as well.
    monkeypatch.setattr(migrate, "LOCK_PAUSE", 0.01)
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
