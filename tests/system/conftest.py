"""Servers for the tests of whole processes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from system.prepared import Prepared
from system.served import Served


@pytest.fixture
def make_served(tmp_path: Path, prepared: Prepared) -> Iterator[Callable[..., Served]]:
    """Return a function that makes a prepared server; all are stopped after the test."""
    made: list[Served] = []

    def make(root: Path = tmp_path, **fields: Any) -> Served:
        served = Served(root, **fields)
        made.append(served)
        prepared.hand_to(served)
        return served

    yield make
    for served in made:
        served.close()


@pytest.fixture
def served(make_served: Callable[..., Served]) -> Served:
    """Return a server that runs."""
    served = make_served()
    served.start()
    return served
