"""Migrations: bring the schema to this version of Linkhold, once, whoever starts first."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from psycopg import sql
from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import DBAPIError

import linkhold
from linkhold import clock
from linkhold.db.engine import transactional, translated
from linkhold.errors import DatabaseBusy, DatabaseFault, DatabaseSlow, SchemaMismatch

SCRIPTS = Path(__file__).parent.parent / "migrations"
# An advisory lock has a number for a name; this one is "linkhold" in eight ASCII bytes.
LOCK = int.from_bytes(b"linkhold")
# Whoever comes after a migration that waits for a lock waits too, and a request waits ten seconds at most:
# it gives way after three, lets them pass, and tries again.
LOCK_SECONDS = 3
LOCK_PAUSE = 2.0
LOCK_ATTEMPTS = 20
SIGNATURE = re.compile(r"Linkhold (?P<maker>\S+?)(, served from (?P<oldest>\w+) on)?")
EXPANDS = "expands"
"""A migration with `expands = True` only adds: the code before it works with the schema after it."""


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


@dataclass(frozen=True, slots=True)
class Standing:
    """Which schema a database has, and what this version of Linkhold can do with it."""

    revision: str | None
    """None when it is empty."""
    maker: str = ""
    """The version that made it, where it is known."""
    oldest: str | None = None
    """The schema of the oldest code that works with it, where that is older than it."""

    @property
    def is_newer(self) -> bool:
        """Whether a newer version made it."""
        return self.revision is not None and not any(SCRIPTS.glob(f"versions/{self.revision}_*.py"))

    @property
    def is_served(self) -> bool:
        """Whether this version works with it: it is its own, or a newer one that only adds to it."""
        if self.revision == head():
            return True
        return self.is_newer and self.oldest is not None and self.oldest <= head()

    @property
    def advice(self) -> str:
        """What to do about one that is not served, in one or two sentences."""
        if not self.is_newer:
            return f"This version needs the schema {head()}: linkhold db migrate"
        maker = f"Linkhold {self.maker}" if self.maker else "A newer version"
        return (
            f"The database has the schema {self.revision}, which this version of Linkhold"
            f" ({linkhold.__version__}) does not know: {maker} made it. Install that version or a later one,"
            " or restore what was dumped before the upgrade."
        )


def current(connection: Connection) -> str | None:
    """Return the revision of the database; None when it is empty."""
    return standing(connection).revision


def standing(connection: Connection) -> Standing:
    """Find out which schema a database has."""
    found = connection.execute(
        text(
            "SELECT to_regclass('alembic_version'),"
            " obj_description(to_regclass('alembic_version'), 'pg_class')"
        )
    ).one()
    if found[0] is None:
        return Standing(None)
    revision = connection.scalar(text("SELECT version_num FROM alembic_version"))
    signed = SIGNATURE.fullmatch(found[1] or "")
    return Standing(revision, signed["maker"] if signed else "", signed["oldest"] if signed else None)


def upgrade(engine: Engine) -> tuple[str | None, str]:
    """Migrate to this version, in one transaction and under a lock; returns the revisions from and to.

    Two that start at once migrate once. A newer schema that this version works with stays as it is. Raises
    `SchemaMismatch` for any other that a newer version made, and `DatabaseFault`, with the reason, for a
    migration that failed: the schema is then what it was.
    """
    with translated(), engine.connect() as connection:
        found = standing(connection)
    if found.revision is not None and found.is_served:
        return found.revision, found.revision
    for _ in range(LOCK_ATTEMPTS - 1):
        try:
            return _attempt(engine)
        except _InTheWay:
            clock.sleep(LOCK_PAUSE)
    return _attempt(engine)


class _InTheWay(DatabaseFault):
    """Somebody holds a lock that the migration needs."""


def _attempt(engine: Engine) -> tuple[str | None, str]:
    with _explained(), translated(), transactional(engine).begin() as connection:
        return _upgrade_locked(connection)


@contextmanager
def _explained() -> Iterator[None]:
    try:
        yield
    except (DBAPIError, DatabaseBusy, DatabaseSlow) as error:
        cause = error if isinstance(error, DBAPIError) else error.__cause__
        said = getattr(cause, "orig", cause)
        kind = _InTheWay if isinstance(error, DatabaseBusy) else DatabaseFault
        raise kind(f"The migration to {head()} failed, and the database is as it was: {said}") from error


def _upgrade_locked(connection: Connection) -> tuple[str | None, str]:
    # A migration may take longer than any request may; waiting for the lock takes as long as
    # the other process needs, and so comes before the limit on waiting.
    connection.execute(text("SET LOCAL statement_timeout = 0"))
    connection.execute(text("SET LOCAL lock_timeout = 0"))
    connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": LOCK})
    connection.execute(text(f"SET LOCAL lock_timeout = '{LOCK_SECONDS}s'"))
    found = standing(connection)
    if found.revision is not None and found.is_served:
        return found.revision, found.revision
    if found.is_newer:
        raise SchemaMismatch(found.advice)
    _run(connection)
    _sign(connection)
    return found.revision, head()


def _sign(connection: Connection) -> None:
    """Leave word of which version made the schema, for an older one that may meet it."""
    words = f"Linkhold {linkhold.__version__}"
    if (oldest := _oldest_that_serves()) != head():
        words += f", served from {oldest} on"
    connection.exec_driver_sql(f"COMMENT ON TABLE alembic_version IS {sql.Literal(words).as_string()}")


def _oldest_that_serves() -> str:
    """Return the schema of the oldest code that works with ours: all migrations since then only add."""
    from alembic.script import ScriptDirectory  # noqa: PLC0415 - see head

    oldest = head()
    for script in ScriptDirectory(str(SCRIPTS)).walk_revisions():
        if not getattr(script.module, EXPANDS, False):
            break
        oldest = str(script.down_revision)
    return oldest


def pending(engine: Engine) -> str | None:
    """Return the revision of a database that is to be migrated; None for one that is empty, or up to date."""
    with translated(), engine.connect() as connection:
        found = standing(connection)
    return None if found.is_served or found.is_newer else found.revision


def _run(connection: Connection) -> None:
    from alembic import command  # noqa: PLC0415 - see head
    from alembic.config import Config  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", str(SCRIPTS))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
