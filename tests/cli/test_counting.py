"""What web processes count together, and that a system without the means to is served all the same."""

from __future__ import annotations

import os
from pathlib import Path

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
