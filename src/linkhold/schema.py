"""All tables in one place: importing this makes `metadata` whole."""

from __future__ import annotations

import linkhold.accounts.models
import linkhold.links.models  # noqa: F401 - the import is what adds its tables
from linkhold.db.base import Base

metadata = Base.metadata
