"""What a database can tell of itself in a moment, for whoever watches it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Engine, text

from linkhold.db import migrate
from linkhold.db.engine import session_settings, translated
from linkhold.db.migrate import Standing

VITALS = text("""
    SELECT pg_database_size(current_database()),
           (SELECT greatest(reltuples, 0)::bigint FROM pg_class WHERE oid = to_regclass('links')),
           (SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()),
           current_setting('max_connections')::int
""")


@dataclass(frozen=True, slots=True)
class Vitals:
    """Its size in bytes, about how many links it has, and its connections: those there are, and may be."""

    size: int
    links: int
    connections: int
    most_connections: int


# A database that nobody has analysed yet knows nothing, and a few links can be counted.
FEW = 10_000
COUNT = text("SELECT count(*) FROM (SELECT FROM links LIMIT :few) AS few")


def vitals(engine: Engine) -> Vitals:
    """Ask the database; raises `DatabaseAway`."""
    with translated(), engine.connect() as connection:
        size, links, connections, most = connection.execute(VITALS).one()
        # `links` is none if there is no such table.
        if links is not None and links < FEW:
            links = connection.execute(COUNT, {"few": FEW}).scalar_one()
    return Vitals(size, links or 0, connections, most)


WORK = text("""
    SELECT (
        SELECT count(*) FROM accounts JOIN links ON links.owner_id = accounts.id
        WHERE links.trashed_at < now() - make_interval(days => accounts.trash_days)
    ) AS links_to_destroy, (SELECT count(*) FROM tag_differences) AS counts_to_fold
""")


@dataclass(frozen=True, slots=True)
class Work:
    """What waits for upkeep."""

    links_to_destroy: int
    """Links whose time in the trash is up."""
    counts_to_fold: int
    """Differences of tag counts that are not folded yet; a few of them are as they should be."""


def work(engine: Engine) -> Work:
    """Count what waits for upkeep; raises `DatabaseAway`."""
    with translated(), engine.connect() as connection:
        return Work(**connection.execute(WORK).mappings().one())


NAMES = (
    "autovacuum",
    "data_checksums",
    "fsync",
    "full_page_writes",
    "max_connections",
    "server_version",
    "server_version_num",
    "synchronous_commit",
    "synchronous_standby_names",
    *session_settings(0),
)
CONDITIONS = text("""
    SELECT pg_database_size(current_database()), current_user,
           (SELECT rolsuper FROM pg_roles WHERE rolname = current_user), clock_timestamp(),
           pg_is_in_recovery() OR current_setting('transaction_read_only') = 'on',
           -- Which standbys are synchronous is hidden from an ordinary role; that there is none is not.
           (SELECT count(*) FROM pg_stat_replication WHERE coalesce(sync_state, 'sync') IN ('sync', 'quorum'))
""")
# What the role or the database has it at, not what our own connections turn it to.
SETTINGS = text(
    "SELECT name, CASE WHEN name = 'synchronous_commit' THEN reset_val ELSE setting END AS value"
    " FROM pg_settings WHERE name = ANY(:names)"
)


@dataclass(frozen=True, slots=True)
class Conditions:
    """How a database is set up: settings by name, its schema, our role, its clock."""

    settings: dict[str, str]
    standing: Standing
    size: int
    role: str
    superuser: bool
    now: datetime
    read_only: bool
    standbys: int
    """Standbys that a save may wait for."""


def conditions(engine: Engine) -> Conditions:
    """Ask the database how it is set up; raises `DatabaseAway`."""
    with translated(), engine.connect() as connection:
        told = connection.execute(CONDITIONS).one()
        rows = connection.execute(SETTINGS, {"names": list(NAMES)})
        settings = {row.name: row.value for row in rows}
        return Conditions(settings, migrate.standing(connection), *told)
