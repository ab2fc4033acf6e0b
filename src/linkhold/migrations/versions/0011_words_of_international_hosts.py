"""What links to hosts in other scripts are found by is computed anew: some had no words of their own.

They are few, and only they are locked and written.
"""

from __future__ import annotations

from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None
# What the version before writes meanwhile is found as that version finds it: linkhold search rebuild.
expands = True


def upgrade() -> None:
    """Compute the columns of those links, as the application does from now on."""
    from linkhold.links import reindexing  # noqa: PLC0415 - other migrations have no use for it

    reindexing.links(op.get_bind(), where=reindexing.TO_INTERNATIONAL_HOSTS)
