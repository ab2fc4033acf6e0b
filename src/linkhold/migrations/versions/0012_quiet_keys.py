"""Whether single keys do nothing on a person's pages."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None
expands = True


def upgrade() -> None:
    """Add the column, which existing rows have by default without being rewritten."""
    op.add_column(
        "accounts", sa.Column("quiet_keys", sa.Boolean(), server_default=sa.false(), nullable=False)
    )
