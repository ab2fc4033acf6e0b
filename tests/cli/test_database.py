"""`linkhold db` on a PostgreSQL of one's own: entered and dumped where the settings say that it is."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

import needs
from conftest import TestServer
from linkhold import cli
from linkhold.errors import LinkholdError
from linkhold.postgres import dumping

Run = Callable[..., None]


@pytest.fixture
def run(
    postgres: TestServer,
    make_database: Callable[[], str],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> Run:
    """The port stands in the query, as with a pooler; a client that overlooks it finds nobody."""
    needs.program("psql", "postgresql-client")
    monkeypatch.setenv("LINKHOLD_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("LINKHOLD_DATABASE_URL", f"{postgres.straight(make_database())}&port=5432")
    monkeypatch.setenv("PGPORT", "9")
    # The suite's server does not write to disk, for speed; a command would refuse it.
    monkeypatch.setattr("linkhold.db.engine.check", lambda _: None)

    def call(*arguments: str) -> None:
        try:
            cli.command.main(["db", *arguments], standalone_mode=False)
        except SystemExit as ended:
            assert ended.code == 0  # noqa: PT017 - psql's own status, where it is psql that runs

    return call


def test_psql_finds_the_port_that_stands_in_the_query(run: Run, capfd: pytest.CaptureFixture[str]) -> None:
    run("psql", "--no-psqlrc", "-tAc", "SELECT version_num FROM alembic_version")
    assert int(capfd.readouterr().out) > 0


def test_a_dump_finds_it_too(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dumping.Client, "run", written)
    run("dump")
    (path,) = dumping.dumps(tmp_path / "data/dumps")
    assert "PGPORT=5432" in path.read_text()


def test_no_dump_goes_through_a_pooler_and_what_leads_past_it_is_named(
    run: Run, postgres: TestServer, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """What pg_dump sets would stay on the connections that the pooler gives to others."""
    monkeypatch.setenv("LINKHOLD_DATABASE_POOLER", "transaction")
    with pytest.raises(LinkholdError, match="let LINKHOLD_DATABASE_DIRECT_URL name"):
        cli.command.main(["db", "dump"], standalone_mode=False)
    monkeypatch.setattr(dumping.Client, "run", written)
    monkeypatch.setenv("LINKHOLD_DATABASE_DIRECT_URL", f"{postgres.lease.url}&application_name=straight")
    run("dump")
    (path,) = dumping.dumps(tmp_path / "data/dumps")
    assert "PGAPPNAME=straight" in path.read_text()


def written(client: dumping.Client, program: str, arguments: list[str]) -> None:
    """Write where the program was led to: this machine's pg_dump may be older than the server."""
    assert program == "pg_dump"
    target = next(each for each in arguments if each.startswith("--file=")).removeprefix("--file=")
    Path(target).write_text("\n".join(f"{name}={value}" for name, value in client.variables.items()))
