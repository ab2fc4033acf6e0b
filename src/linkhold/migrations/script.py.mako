"""${message}."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = ${repr(up_revision)}
down_revision = ${repr(down_revision)}
branch_labels = None
depends_on = None
# Whether it only adds: the version before then works with the schema after it, and goes on serving.
expands = False


def upgrade() -> None:
    """${message}."""
    ${upgrades if upgrades else "pass"}
