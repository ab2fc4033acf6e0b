"""The door for whoever watches Linkhold: is the process alive, and can it do its work."""

from __future__ import annotations

from flask import Blueprint, Response

from linkhold.db import migrate
from linkhold.doors import current, reply
from linkhold.errors import SchemaMismatch

bp = Blueprint("ops", __name__)


@bp.get("/healthz")
def healthz() -> Response:
    """Answer that the process is alive; asks nothing of the database."""
    return reply.json({"status": "alive"})


@bp.get("/readyz")
def readyz() -> Response:
    """Answer that saves would succeed: the database is reachable, and its schema is this version's."""
    if not migrate.is_current(current.runtime().engine):
        raise SchemaMismatch("The schema is not that of this version: `linkhold db migrate` brings it up.")
    return reply.json({"status": "ready"})
