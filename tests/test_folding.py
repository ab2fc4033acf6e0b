"""What processes that are gone have counted is kept, in one file of each kind."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import psutil
import pytest
from prometheus_client import CollectorRegistry, generate_latest, multiprocess

from linkhold import folding

COUNTING = """
from prometheus_client import Counter, Gauge, Histogram
Counter("saves", "s", ("result",)).labels("added").inc(2)
seconds = Histogram("seconds", "s", buckets=(1, 2))
seconds.observe(0.5)
seconds.observe(1.5)
Gauge("used", "u", multiprocess_mode="livesum").set(3)
"""


@pytest.fixture
def counted(tmp_path: Path) -> Path:
    """Return a directory in which three processes have counted that are gone."""
    for _ in range(3):
        environment = {**os.environ, "PROMETHEUS_MULTIPROC_DIR": str(tmp_path)}
        subprocess.run([sys.executable, "-c", COUNTING], check=True, env=environment)
    return tmp_path


def told(directory: Path) -> set[str]:
    registry = CollectorRegistry()
    multiprocess.MultiProcessCollector(registry, path=str(directory))  # type: ignore[no-untyped-call]
    return {line for line in generate_latest(registry).decode().splitlines() if line[0] != "#"}


def names(directory: Path) -> set[str]:
    return {path.name for path in directory.iterdir()}


def test_their_numbers_stay_and_their_files_go(counted: Path) -> None:
    # Of one that was killed before it had counted anything; nobody can read it.
    (counted / "counter_999999999.db").touch()
    with folding.locked(counted):
        folding.fold(counted)
    assert names(counted) == {"counter_0.db", "histogram_0.db"}
    once = told(counted)
    assert 'saves_total{result="added"} 6.0' in once
    assert {'seconds_bucket{le="1.0"} 3.0', "seconds_sum 6.0", "seconds_count 6.0"} <= once
    with folding.locked(counted):
        folding.fold(counted)
    assert told(counted) == once


def test_the_files_of_a_process_that_lives_are_left_alone(counted: Path) -> None:
    mine = counted / f"counter_{os.getpid()}.db"
    next(counted.glob("counter_*.db")).rename(mine)
    before = mine.read_bytes()
    with folding.locked(counted):
        folding.fold(counted)
    assert mine.read_bytes() == before
    assert 'saves_total{result="added"} 6.0' in told(counted)


def test_what_the_dead_had_in_use_is_forgotten(tmp_path: Path) -> None:
    dead = max(psutil.pids()) + 100_000
    for number in (os.getpid(), dead):
        (tmp_path / f"gauge_livesum_{number}.db").touch()
    with folding.locked(tmp_path):
        folding.fold(tmp_path)
    assert names(tmp_path) == {f"gauge_livesum_{os.getpid()}.db"}


def test_on_a_full_disk_all_stays_as_it_was(counted: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "posix_fallocate", refuse)
    before = told(counted)
    with folding.locked(counted), pytest.raises(OSError, match="No space left"):
        folding.fold(counted)
    assert {line for line in told(counted) if not line.startswith("used")} == {
        line for line in before if not line.startswith("used")
    }
