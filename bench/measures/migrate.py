"""Migrating a large library while it is used: the newest migration, and steps that a large table bears."""

from __future__ import annotations

from functools import partial

from bench import meanwhile
from bench.adapters.linkhold import Linkhold
from bench.plan import Plan, running
from bench.report import progress, table
from linkhold.db import migrate

# What 0009 and those since have made, taken back: the schema is then that of an older version in use.
BEFORE_0009 = (
    "DROP TABLE pairings",
    "DROP TABLE private_feeds",
    "ALTER TABLE accounts DROP time_zone, DROP appearance, DROP is_public, DROP quiet_keys",
    "ALTER TABLE invitations DROP label",
    "UPDATE alembic_version SET version_num = '0008'",
)
STEPS = (
    ("a column with a default", "ALTER TABLE links ADD COLUMN bench text NOT NULL DEFAULT ''"),
    ("an index, concurrently", "CREATE INDEX CONCURRENTLY bench ON links (owner_id, length(title))"),
    ("a check, not valid yet", "ALTER TABLE links ADD CONSTRAINT bench CHECK (url <> '') NOT VALID"),
    ("the same, validated", "ALTER TABLE links VALIDATE CONSTRAINT bench"),
)


def measure(plan: Plan) -> str:
    """Upgrade the schema, take typical steps in it, and save over one connection all the while."""
    with plan.made("linkhold") as contestant, running(contestant):
        assert isinstance(contestant, Linkhold)
        progress(f"  filling with {plan.many:,} links")
        contestant.fill_believably(1, plan.many)
        rows = [meanwhile.alone(plan, contestant)]
        contestant.cluster.execute(*BEFORE_0009)
        progress("  migrating")
        newest = meanwhile.saving(plan, contestant, contestant.migrate)
        rows.append(newest.row(f"0008 to {migrate.head()}, and the dump before it"))
        for name, statement in STEPS:
            progress(f"  {name}")
            step = meanwhile.saving(plan, contestant, partial(contestant.cluster.execute, statement))
            rows.append(step.row(name))
    conditions = (
        f"A library of {plan.many:,} links in use; saves over one connection, one after the other. The first"
        " is `linkhold db migrate`, which dumps the embedded database aside before it; the others are"
        " steps by themselves that a large table bears while it is used. An index made concurrently is none"
        " that our migrations can have: they are one transaction."
    )
    return f"## Migrating\n\n{conditions}\n\n{table(meanwhile.HEADS, rows)}"
