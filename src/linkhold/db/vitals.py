"""What a database can tell of itself in a moment, for whoever watches it."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Engine, text

from linkhold.db.engine import translated

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


def vitals(engine: Engine) -> Vitals:
    """Ask the database; raises `DatabaseAway`."""
    with translated(), engine.connect() as connection:
        size, links, connections, most = connection.execute(VITALS).one()
    return Vitals(size, links or 0, connections, most)
