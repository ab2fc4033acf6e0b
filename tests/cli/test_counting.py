"""What web processes count together, and that a system without the means to is served all the same."""

from __future__ import annotations

import os
from pathlib import Path

import psutil
import pytest

from linkhold import config, metrics
from linkhold.cli import counting


def test_without_room_to_be_had_beforehand_each_process_counts_for_itself(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A Mac has no `posix_fallocate`."""
    monkeypatch.delattr(os, "posix_fallocate")
    monkeypatch.setenv(config.METRICS_DIRECTORY, str(tmp_path))
    metrics.reserve()
    counting.join(tmp_path)
    assert config.metrics_directory() is None


def test_only_what_the_dead_had_in_use_is_forgotten(tmp_path: Path) -> None:
    dead = max(psutil.pids()) + 100_000
    for number in (os.getpid(), dead):
        (tmp_path / f"gauge_livesum_{number}.db").touch()
        (tmp_path / f"counter_{number}.db").touch()
    metrics._bury_the_dead(tmp_path)
    assert not (tmp_path / f"gauge_livesum_{dead}.db").exists()
    assert len(list(tmp_path.iterdir())) == 3
