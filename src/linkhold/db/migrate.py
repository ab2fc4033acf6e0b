"""Migrations: bring the schema to this version of Linkhold, once, whoever starts first."""

from __future__ import annotations

import functools
from pathlib import Path

from psycopg import sql
from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import DBAPIError

import linkhold
from linkhold.db.engine import transactional, translated
from linkhold.errors import DatabaseBusy, DatabaseFault, SchemaMismatch

SCRIPTS = Path(__file__).parent.parent / "migrations"
# An advisory lock has a number for a name; this one is "linkhold" in eight ASCII bytes.
LOCK = int.from_bytes(b"linkhold")
# A migration that waits for a lock makes all who come after it wait too: better to give up and say so.
LOCK_SECONDS = 20
SIGNATURE = "Linkhold "


@functools.cache
def head() -> str:
    """Return the revision that this version of Linkhold needs: the number of its last migration.

    It is read off the names of the files. Alembic says the same (a test holds it to that), and
    takes a fifth of a second and some megabytes to load, which most starts have no use for.
    """
    names = sorted(path.name for path in SCRIPTS.glob("versions/[0-9]*.py"))
    if not names:
        raise DatabaseFault(f"This installation is broken: there are no migrations in {SCRIPTS}.")
    return names[-1].partition("_")[0]


def current(connection: Connection) -> str | None:
    """Return the revision of the database; None when it is empty."""
    exists = connection.scalar(text("SELECT to_regclass('alembic_version') IS NOT NULL"))
    return connection.scalar(text("SELECT version_num FROM alembic_version")) if exists else None


def is_current(engine: Engine) -> bool:
    """Tell whether the schema is that of this version; raises `DatabaseAway`."""
    with translated(), engine.connect() as connection:
        return current(connection) == head()


def upgrade(engine: Engine) -> tuple[str | None, str]:
    """Migrate to this version, in one transaction and under a lock; returns the revisions from and to.

    Two that start at once migrate once. Raises `SchemaMismatch` for a schema that a newer version
    made, and `DatabaseFault`, with the reason, for a migration that failed: the schema is then
    what it was.
    """
    wanted = head()
    with translated(), engine.connect() as connection:
        found = current(connection)
    if found == wanted:
        return found, wanted
    try:
        with translated(), transactional(engine).begin() as connection:
            return _upgrade_locked(connection, wanted)
    except (DBAPIError, DatabaseBusy) as error:
        cause = error if isinstance(error, DBAPIError) else error.__cause__
        said = getattr(cause, "orig", cause)
        raise DatabaseFault(
            f"The migration to {wanted} failed, and the database is as it was: {said}"
        ) from error


def _upgrade_locked(connection: Connection, wanted: str) -> tuple[str | None, str]:
    # A migration may take longer than any request may; waiting for the lock takes as long as
    # the other process needs, and so comes before the limit on waiting.
    connection.execute(text("SET LOCAL statement_timeout = 0"))
    connection.execute(text("SET LOCAL lock_timeout = 0"))
    connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": LOCK})
    connection.execute(text(f"SET LOCAL lock_timeout = '{LOCK_SECONDS}s'"))
    found = current(connection)
    if found == wanted:
        return found, wanted
    if found is not None and not _is_known(found):
        raise SchemaMismatch(_newer(connection, found))
    _run(connection)
    _sign(connection)
    return found, wanted


def _sign(connection: Connection) -> None:
    """Leave word of which version made the schema, for an older one that may meet it."""
    signature = sql.Literal(f"{SIGNATURE}{linkhold.__version__}").as_string()
    connection.exec_driver_sql(f"COMMENT ON TABLE alembic_version IS {signature}")


def _newer(connection: Connection, found: str) -> str:
    signed = (
        connection.scalar(text("SELECT obj_description(to_regclass('alembic_version'), 'pg_class')")) or ""
    )
    maker = (
        f"Linkhold {signed.removeprefix(SIGNATURE)}" if signed.startswith(SIGNATURE) else "A newer version"
    )
    return (
        f"The database has the schema {found}, which this version of Linkhold ({linkhold.__version__}) does"
        f" not know: {maker} made it. Install that version or a later one, or restore what was dumped before"
        " the upgrade."
    )


def pending(engine: Engine) -> str | None:
    """Return the revision of a database that is to be migrated; None for one that is empty, or up to date."""
    with translated(), engine.connect() as connection:
        found = current(connection)
    return None if found is None or found == head() or not _is_known(found) else found


def _is_known(revision: str) -> bool:
    return any(SCRIPTS.glob(f"versions/{revision}_*.py"))


def _run(connection: Connection) -> None:
    from alembic import command  # noqa: PLC0415 - see head
    from alembic.config import Config  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", str(SCRIPTS))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
