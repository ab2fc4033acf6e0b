"""What long texts are found by, and what links to mobile hosts resemble, is computed anew.

One look at each link says which these are; only they are locked and written, and they are few.
"""

from __future__ import annotations

from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None
# What the version before writes meanwhile is found as that version finds it: linkhold search rebuild.
expands = True


def upgrade() -> None:
    """Compute the columns of those links, as the application does from now on."""
    from linkhold.links import reindexing  # noqa: PLC0415 - other migrations have no use for it

    reindexing.links(op.get_bind(), where=f"{reindexing.TO_MOBILE_HOSTS} OR {reindexing.LONG}")
