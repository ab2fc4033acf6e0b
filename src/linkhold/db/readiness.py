"""Whether a save would succeed now: the database answers, takes writes, and has a schema that we know."""

from __future__ import annotations

from sqlalchemy import Engine, text

from linkhold.db import migrate
from linkhold.db.engine import translated
from linkhold.errors import DatabaseAway, SchemaMismatch

WRITES = text("SELECT pg_is_in_recovery(), current_setting('transaction_read_only')")


def check(engine: Engine) -> None:
    """See that saves would succeed; raises the `DatabaseFault` that says why they would not."""
    with translated(), engine.connect() as connection:
        is_standby, read_only = connection.execute(WRITES).one()
        if is_standby:
            raise DatabaseAway("This PostgreSQL is a standby, and takes no saves until it is promoted.")
        if read_only == "on":
            raise DatabaseAway("This PostgreSQL takes no saves: default_transaction_read_only is on.")
        standing = migrate.standing(connection)
    if not standing.is_served:
        raise SchemaMismatch(standing.advice)
