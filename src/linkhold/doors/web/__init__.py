"""The door for people: small pages that work without any script."""

from __future__ import annotations

from linkhold.doors.web import entry, library, look
from linkhold.doors.web.blueprint import bp
from linkhold.doors.web.look import error_page

__all__ = ["bp", "entry", "error_page", "library", "look"]
