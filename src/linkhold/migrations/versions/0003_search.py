"""What links are found, sorted, versioned and compared by."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import TSVECTOR

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns, fill them in for the links that are there, then index them."""
    op.add_column("links", sa.Column("title_key", sa.Text(collation="C"), nullable=False, server_default=""))
    op.add_column("links", sa.Column("resembles", sa.BigInteger(), nullable=False, server_default="0"))
    op.add_column("links", sa.Column("version", sa.Integer(), nullable=False, server_default="1"))
    op.add_column("links", sa.Column("search", TSVECTOR(), nullable=False, server_default=""))
    for name in ("title_key", "resembles", "version", "search"):
        op.alter_column("links", name, server_default=None)
    # More of the commonest words are counted, so that the planner knows what finds much and what little.
    op.execute("ALTER TABLE links ALTER COLUMN search SET STATISTICS 500")
    _fill()
    # New entries wait in a list until there are half a megabyte of them: a save does not touch forty
    # places of the index, and a search reads no more than that beside it.
    op.create_index(
        "ix_links_search",
        "links",
        ["search"],
        postgresql_using="gin",
        postgresql_with={"fastupdate": "on", "gin_pending_list_limit": "512"},
    )
    for name, columns in (("changed", "changed_at DESC, id DESC"), ("title", "title_key, id")):
        op.execute(f"CREATE INDEX ix_links_{name} ON links (owner_id, {columns}) WHERE trashed_at IS NULL")


def _fill() -> None:
    """Compute the columns of every link, as the application does from now on."""
    from linkhold.links import reindexing  # noqa: PLC0415 - no other migration needs the application

    reindexing.links(op.get_bind())
