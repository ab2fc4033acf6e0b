"""The door `/api/v1`: Linkhold's own API."""

from __future__ import annotations

from linkhold.doors.v1 import links, reference
from linkhold.doors.v1.blueprint import bp

__all__ = ["bp", "links", "reference"]
