"""How each person wants to be shown things, pairing codes for phones, and feeds at secret addresses."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None
expands = True


def upgrade() -> None:
    """Add the columns, which existing rows have by default without being rewritten, and the tables."""
    for name in ("time_zone", "appearance"):
        op.add_column("accounts", sa.Column(name, sa.Text(), server_default="", nullable=False))
    op.add_column("accounts", sa.Column("is_public", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.add_column("invitations", sa.Column("label", sa.Text(), server_default="", nullable=False))
    op.create_table(
        "pairings",
        *_secret(),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        *_rules(),
    )
    op.create_table(
        "private_feeds",
        *_secret(),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("query", sa.Text(), nullable=False),
        sa.Column("last_read_at", sa.DateTime(timezone=True), nullable=True),
        *_rules(),
    )


def _secret() -> list[sa.Column[object]]:
    """Return the columns that a secret of an account has."""
    return [
        sa.Column("owner_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("secret_hash", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
    ]


def _rules() -> list[sa.Constraint]:
    return [
        sa.ForeignKeyConstraint(["owner_id"], ["accounts.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("owner_id", "id"),
        sa.UniqueConstraint("owner_id", "secret_hash"),
    ]
