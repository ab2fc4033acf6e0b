"""The logs of PostgreSQL are kept for a week."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from linkhold import clock
from linkhold.postgres.journal import Journal

pytestmark = pytest.mark.embedded


@pytest.fixture
def make_old() -> Callable[[Path], Path]:
    def make(path: Path) -> Path:
        path.write_text("x")
        then = clock.now().timestamp() - 8 * 86400
        os.utime(path, (then, then))
        return path

    return make


def test_logs_of_last_week_are_removed(tmp_path: Path, make_old: Callable[[Path], Path]) -> None:
    old, new = make_old(tmp_path / "postgresql-Mon.log"), tmp_path / "postgresql-Tue.log"
    new.write_text("x")
    Journal(tmp_path).prune()
    assert not old.exists()
    assert new.exists()
