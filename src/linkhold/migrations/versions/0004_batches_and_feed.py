"""Changes are made in batches, which can be undone, and are told in an order that misses none."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create batches, and the columns and the index by which changes are grouped and fed."""
    op.create_table(
        "batches",
        sa.Column("owner_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("summary", sa.Text(), nullable=False),
        sa.Column("door", sa.Text(), nullable=False),
        sa.Column("token", sa.Text()),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("links", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("owner_id", "id"),
    )
    op.add_column("changes", sa.Column("batch_id", sa.BigInteger()))
    # Changes that are there were committed before this migration: any number below its own is right.
    op.add_column("changes", sa.Column("made_in", sa.BigInteger(), nullable=False, server_default="0"))
    op.execute("ALTER TABLE changes ALTER COLUMN made_in SET DEFAULT ((pg_current_xact_id())::text)::bigint")
    op.create_index("ix_changes_feed", "changes", ["owner_id", "made_in", "id"])
    op.create_index(
        "ix_changes_batch",
        "changes",
        ["owner_id", "batch_id", "id"],
        postgresql_where=sa.text("batch_id IS NOT NULL"),
    )
    # A link's history is read by link, so the link leads the key, and one index serves for two.
    op.drop_index("ix_changes_link", table_name="changes")
    op.drop_constraint("pk_changes", "changes", type_="primary")
    op.create_primary_key("pk_changes", "changes", ["owner_id", "link_id", "id"])
    op.create_table(
        "feed",
        sa.Column("epoch", sa.Text(), nullable=False),
        sa.Column("system", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("epoch"),
    )
    op.execute(
        "INSERT INTO feed (epoch, system)"
        " SELECT gen_random_uuid()::text, system_identifier FROM pg_control_system()"
    )
