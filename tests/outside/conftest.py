"""A server that runs, for programs of others that are set on it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from system.prepared import Prepared
from system.served import Served


@pytest.fixture
def served(tmp_path: Path, prepared: Prepared) -> Iterator[Served]:
    """Return a server that runs, with an account and a token."""
    served = Served(tmp_path)
    prepared.hand_to(served)
    served.start()
    yield served
    served.close()
