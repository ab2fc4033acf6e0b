"""Shared text without a link is kept in the inbox, and an account has a language."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None
expands = True


def upgrade() -> None:
    """Create the table and the column."""
    op.create_table(
        "inbox",
        sa.Column("owner_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("tags", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("unread", sa.Boolean(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("door", sa.Text(), nullable=False),
        sa.Column("token", sa.Text()),
        sa.Column("trashed_at", sa.DateTime(timezone=True)),
        sa.PrimaryKeyConstraint("owner_id", "id"),
    )
    op.create_index(
        "ix_inbox_trash",
        "inbox",
        ["owner_id", "trashed_at"],
        postgresql_where=sa.text("trashed_at IS NOT NULL"),
    )
    op.add_column("accounts", sa.Column("language", sa.Text(), nullable=False, server_default=""))
