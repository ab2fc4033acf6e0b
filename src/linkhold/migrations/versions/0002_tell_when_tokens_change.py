"""Tell every process when a token is changed or revoked, so that it can trust one for a moment."""

from __future__ import annotations

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the trigger; what a use of a token writes is none of its business."""
    op.execute(
        """
        CREATE FUNCTION tokens_changed() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            PERFORM pg_notify('linkhold_tokens', '');
            RETURN NULL;
        END $$
        """
    )
    op.execute(
        """
        CREATE TRIGGER tokens_changed
        AFTER DELETE OR UPDATE OF owner_id, secret_hash, scopes, expires_at, label ON tokens
        FOR EACH STATEMENT EXECUTE FUNCTION tokens_changed()
        """
    )
