"""The blueprint that the routes of `/api/v1` stand on."""

from __future__ import annotations

from flask import Blueprint

bp = Blueprint("v1", __name__, url_prefix="/api/v1", template_folder="templates")
