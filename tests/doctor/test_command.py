"""`linkhold doctor` looks, and does nothing else."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner

from conftest import TestServer
from linkhold import cli, config
from linkhold.cli import doctor


def test_the_doctor_makes_and_starts_no_database(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("LINKHOLD_DATABASE_URL", raising=False)
    monkeypatch.setenv("LINKHOLD_DATA_DIR", str(tmp_path / "data"))
    done = CliRunner().invoke(cli.command, ["doctor"])
    assert "! database: not made yet; the first start makes it." in done.stdout
    assert not (tmp_path / "data").exists()


@pytest.fixture
def pooled(
    make_database: Callable[[], str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Callable[[str], str]:
    """Return a function that examines a database behind a pooler, and returns what is said."""
    monkeypatch.setenv("LINKHOLD_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("LINKHOLD_DATABASE_POOLER", "transaction")

    def examined(direct: str = "", *, heard_within: float = 3) -> str:
        monkeypatch.setattr(doctor, "HEARD_WITHIN", heard_within)
        if direct:
            monkeypatch.setenv("LINKHOLD_DATABASE_DIRECT_URL", direct)
        return CliRunner().invoke(cli.command, ["doctor", "--all"]).output

    monkeypatch.setenv("LINKHOLD_DATABASE_URL", make_database())
    return examined


def test_a_pooler_past_which_nothing_leads_is_found(pooled: Callable[..., str]) -> None:
    assert "! pooler: nobody can listen through it" in pooled()


def test_a_way_past_the_pooler_is_tried(
    pooled: Callable[..., str], postgres: TestServer, make_database: Callable[[], str]
) -> None:
    same = postgres.straight(os.environ["LINKHOLD_DATABASE_URL"])
    heard = "✓ pooler: what is told through it is heard at LINKHOLD_DATABASE_DIRECT_URL"
    assert heard in pooled(same, heard_within=60)
    for wrong in (postgres.straight(make_database()), "postgresql://linkhold@/linkhold?host=/nowhere"):
        assert "✗ pooler: what is told through it is not heard" in pooled(wrong)


def test_a_way_past_the_pooler_that_cannot_be_read_is_named_and_its_password_is_not(
    pooled: Callable[..., str],
) -> None:
    for url in ("postgresql://a:p@ss@h:x/d", "postgresql://a:p@ss@h/d"):
        told = pooled(url)
        assert "LINKHOLD_DATABASE_DIRECT_URL cannot be read" in told
        assert "ss@h" not in told


def test_the_way_past_the_pooler_has_to_be_within_the_services_reach() -> None:
    settings = config.load(
        {
            "LINKHOLD_DATABASE_URL": "postgresql://linkhold@/linkhold?host=/run/pgbouncer",
            "LINKHOLD_DATABASE_POOLER": "transaction",
            "LINKHOLD_DATABASE_DIRECT_URL": "postgresql://linkhold@192.0.2.5/linkhold",
        }
    )
    assert doctor._hosts(settings) == {"192.0.2.5": ["192.0.2.5"]}
