"""The bench stands beside the source, and is no installed package: tests find it from the root."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))
