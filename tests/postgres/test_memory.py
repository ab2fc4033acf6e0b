"""How much memory the server keeps the database in: never more than its container or its service has."""

from __future__ import annotations

from pathlib import Path

import psutil
import pytest

from linkhold.postgres import memory

pytestmark = pytest.mark.embedded

MACHINE = psutil.virtual_memory().total


@pytest.fixture
def own(tmp_path: Path) -> Path:
    file = tmp_path / "own"
    file.write_text("0::/system.slice/linkhold.service\n")
    return file


def limit(directory: Path, value: str, name: str = "memory.max") -> None:
    directory.mkdir(parents=True, exist_ok=True)
    (directory / name).write_text(f"{value}\n")


def test_without_limits_it_is_the_machines(tmp_path: Path, own: Path) -> None:
    limit(tmp_path / "system.slice/linkhold.service", "max")
    assert memory.available(tmp_path, own) == MACHINE
    assert memory.available(tmp_path / "none", tmp_path / "none") == MACHINE


def test_the_lowest_limit_around_it_counts(tmp_path: Path, own: Path) -> None:
    limit(tmp_path / "system.slice/linkhold.service", "700000000")
    limit(tmp_path / "system.slice", "600000000")
    assert memory.available(tmp_path, own) == 600_000_000


def test_a_container_has_its_limit_at_the_root(tmp_path: Path) -> None:
    (tmp_path / "own").write_text("0::/\n")
    limit(tmp_path, "500000000")
    assert memory.available(tmp_path, tmp_path / "own") == 500_000_000


def test_an_older_container_has_it_in_another_place(tmp_path: Path) -> None:
    (tmp_path / "own").write_text("4:memory:/docker/1\n1:name=systemd:/docker/1\n")
    limit(tmp_path / "memory", "400000000", "memory.limit_in_bytes")
    assert memory.available(tmp_path, tmp_path / "own") == 400_000_000


@pytest.mark.parametrize(
    ("available", "buffers"), [(0, "128MB"), (1 << 30, "128MB"), (4 << 30, "512MB"), (1 << 40, "1024MB")]
)
def test_an_eighth_is_taken_within_bounds(
    available: int, buffers: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(memory, "available", lambda *_: available)
    assert memory.shared_buffers() == buffers
