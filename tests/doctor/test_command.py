"""`linkhold doctor` looks, and does nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from linkhold import cli


def test_the_doctor_makes_and_starts_no_database(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("LINKHOLD_DATABASE_URL", raising=False)
    monkeypatch.setenv("LINKHOLD_DATA_DIR", str(tmp_path / "data"))
    done = CliRunner().invoke(cli.command, ["doctor"])
    assert "! database: not made yet; the first start makes it." in done.stdout
    assert not (tmp_path / "data").exists()
