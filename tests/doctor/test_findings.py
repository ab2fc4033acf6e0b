"""Whatever can be wrong with an installation is found, and what to do is said."""

from __future__ import annotations

import dataclasses
import subprocess
from datetime import timedelta
from pathlib import Path

import pytest
import urllib3
from sqlalchemy import Engine

from linkhold import clock, config, keys
from linkhold.config import Settings
from linkhold.db.migrate import Standing
from linkhold.db.vitals import Conditions, conditions
from linkhold.doctor import database, front, machine
from linkhold.doctor.finding import Finding


@pytest.fixture
def found(engine: Engine) -> Conditions:
    """A real database's conditions, as a healthy one tells them."""
    told = conditions(engine)
    healthy = {"fsync": "on", "full_page_writes": "on", "synchronous_commit": "on", "data_checksums": "on"}
    return dataclasses.replace(told, settings={**told.settings, **healthy, "autovacuum": "on"})


def unwell(findings: list[Finding]) -> list[Finding]:
    return [each for each in findings if each.level != "ok"]


def test_nothing_is_wrong_with_a_healthy_database(found: Conditions, settings: Settings) -> None:
    assert unwell(list(database.examine(settings, found))) == []


@pytest.mark.parametrize(
    ("name", "value", "level", "mend"),
    [
        ("fsync", "off", "fault", "fsync = on"),
        ("full_page_writes", "off", "fault", "full_page_writes = on"),
        ("synchronous_commit", "off", "warning", "synchronous_commit = on"),
        ("data_checksums", "off", "warning", "pg_checksums --enable"),
        ("autovacuum", "off", "fault", "autovacuum = on"),
        ("max_connections", "10", "fault", "max_connections"),
        ("server_version_num", "140012", "fault", "15 or later"),
        ("statement_timeout", "0", "warning", "role.sql"),
        ("work_mem", "4096", "warning", "role.sql"),
        ("synchronous_standby_names", "standby", "fault", "Bring the standby back"),
    ],
)
def test_each_setting_that_is_wrong_is_found(
    found: Conditions, settings: Settings, name: str, value: str, level: str, mend: str
) -> None:
    ill = dataclasses.replace(found, settings={**found.settings, name: value})
    straight = settings.model_copy(update={"database_pooler": "none"})
    (only,) = unwell(list(database.examine(straight, ill)))
    assert only.level == level
    assert mend in only.mend


@pytest.mark.parametrize(
    ("change", "mend"),
    [
        ({"standing": Standing("0001")}, "linkhold db migrate"),
        ({"standing": Standing(None)}, "linkhold db migrate"),
        ({"standing": Standing("9999", "9.9.9")}, "Linkhold 9.9.9 made it. Install that version"),
        ({"read_only": True}, "default_transaction_read_only = off"),
        ({"superuser": True}, "NOSUPERUSER"),
        ({"now": clock.now() - timedelta(hours=1)}, "timedatectl"),
    ],
)
def test_each_condition_that_is_wrong_is_found(
    found: Conditions, settings: Settings, change: dict[str, object], mend: str
) -> None:
    ill = dataclasses.replace(found, **change)  # type: ignore[arg-type]  # cases of several fields
    (only,) = unwell(list(database.examine(settings, ill)))
    assert mend in only.mend


def made(tmp_path: Path, **values: str) -> Settings:
    environ = {config.variable(name): value for name, value in values.items()}
    return config.load({"LINKHOLD_DATA_DIR": str(tmp_path / "data"), **environ})


def test_a_directory_and_a_key_that_others_can_read_are_found(tmp_path: Path) -> None:
    settings = made(tmp_path)
    keys.get(settings.data_dir, keys.METRICS)
    settings.data_dir.chmod(0o755)
    keys.path(settings.data_dir, keys.METRICS).chmod(0o644)
    mends = [each.mend for each in unwell(list(machine.examine(settings, needed=0)))]
    assert mends == [f"chmod 700 {settings.data_dir}", f"chmod o= {keys.path(settings.data_dir, 'metrics')}"]


@pytest.mark.parametrize(
    ("free", "level"), [(100 << 20, "fault"), (1 << 30, "warning"), (9 << 30, "warning")]
)
def test_a_disk_that_fills_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, free: int, level: str
) -> None:
    usage = type("Usage", (), {"free": free})
    monkeypatch.setattr("shutil.disk_usage", lambda _: usage)
    (only,) = unwell(list(machine.examine(made(tmp_path), needed=10 << 30)))
    assert (only.subject, only.level) == ("disk", level)


def test_the_disk_of_a_database_beside_it_is_looked_at_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def disks(**values: str) -> list[str]:
        found = machine.examine(made(tmp_path, **values), needed=0)
        return [each.state for each in found if each.subject == "disk"]

    elsewhere = Path("/proc")
    monkeypatch.setattr(machine, "POSTGRESQL", elsewhere)
    _, there = disks(database_url="postgresql://linkhold@/linkhold?host=/run/postgresql")
    assert str(elsewhere) in there
    assert len(disks(database_url="postgresql://linkhold@db.example/linkhold")) == 1
    assert len(disks()) == 1
    monkeypatch.setattr(machine, "POSTGRESQL", tmp_path)
    assert len(disks(database_url="postgresql://linkhold@/linkhold?host=/run/postgresql")) == 1


def test_behind_a_pooler_postgresql_needs_no_connection_for_each_thread(
    found: Conditions, tmp_path: Path
) -> None:
    few = dataclasses.replace(found, settings={**found.settings, "max_connections": "20"})
    named = {"database_url": "postgresql://a@/a?host=/run/pgbouncer", "workers": "12"}
    [needs_more] = unwell(list(database.examine(made(tmp_path, **named), few)))
    assert needs_more.subject == "connections"
    pooled = made(tmp_path, database_pooler="transaction", **named)
    assert unwell(list(database.examine(pooled, few))) == []


@pytest.mark.parametrize(
    ("status", "level"), [(401, "ok"), (413, "fault"), (429, "warning"), (500, "warning"), (503, "warning")]
)
def test_only_who_asks_for_a_token_has_read_a_body(
    status: int, level: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer = urllib3.HTTPResponse(status=status)
    monkeypatch.setattr(urllib3.PoolManager, "request", lambda *_, **__: answer)
    found = front._body(made(tmp_path), urllib3.PoolManager(), "https://a.example")
    assert found.level == level


def test_a_certificate_that_stands_in_for_lets_encrypts_is_a_fault(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever trusts its authority sees none, and a browser does."""
    mine, asked = tmp_path / "certificate.pem", tmp_path / "install"
    monkeypatch.setattr(front, "CERTIFICATE", mine)
    monkeypatch.setattr(front, "ASKED", asked)
    answer = urllib3.HTTPResponse(headers={"Strict-Transport-Security": "max-age=1"})

    def level() -> str:
        return front._tls("https://a.example", answer).level

    assert level() == "ok"
    mine.touch()
    asked.write_text("domain='a.example' email='' tls='local' database='debian' server='granian'\n")
    assert level() == "ok"
    asked.write_text("domain='a.example' email='a@b.example' tls='certbot' database='debian'\n")
    assert level() == "fault"
    mine.unlink()
    mine.symlink_to(asked)
    assert level() == "ok"


@pytest.mark.parametrize(
    ("values", "mend"),
    [
        (
            {"public_url": "https://a.example", "hosts": "b.example", "trusted_proxies": "unix"},
            "LINKHOLD_HOSTS",
        ),
        ({"public_url": "https://a.example", "hosts": "a.example"}, "LINKHOLD_TRUSTED_PROXIES"),
        ({"hosts": "a.example"}, "LINKHOLD_PUBLIC_URL"),
        ({"trusted_proxies": "unix,0.0.0.0/0"}, "LINKHOLD_TRUSTED_PROXIES to the proxy's address"),
        ({"trusted_proxies": "::/0"}, "LINKHOLD_TRUSTED_PROXIES to the proxy's address"),
        ({"public_url": "http://127.0.0.1:9", "hosts": "127.0.0.1"}, "nginx"),
    ],
)
def test_a_way_in_that_leads_nowhere_is_found(tmp_path: Path, values: dict[str, str], mend: str) -> None:
    found = unwell(list(front.examine(made(tmp_path, **values))))
    assert any(mend in each.mend for each in found), found


@pytest.mark.parametrize(
    ("seen", "level", "mend"),
    [
        ({"scheme": "https", "address": "198.51.100.1"}, "ok", ""),
        ({"scheme": "http", "address": "198.51.100.1"}, "fault", "X-Forwarded-Proto $scheme"),
        ({"scheme": "https", "address": ""}, "fault", "X-Forwarded-For $remote_addr"),
        ({"scheme": "https", "address": "192.0.2.77"}, "fault", "X-Forwarded-For $remote_addr"),
    ],
)
def test_a_proxy_that_tells_what_it_should_not_is_found(seen: dict[str, str], level: str, mend: str) -> None:
    found = front._forwarded("https://links.example", seen)
    assert found.level == level
    assert mend in found.mend


@pytest.mark.parametrize(("days", "level"), [(22, "ok"), (20, "warning")])
def test_a_certificate_that_ends_soon_is_found(days: int, level: str) -> None:
    found = front._certificate(clock.now() + timedelta(days=days))
    assert found.level == level


def test_a_local_certificate_is_not_renewed_by_certbot(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mine = tmp_path / "certificate.pem"
    monkeypatch.setattr(front, "CERTIFICATE", mine)
    assert "certbot renew" in front._renewal()
    mine.touch()
    assert "deploy/install.sh" in front._renewal()
    mine.unlink()
    mine.symlink_to("fullchain.pem")
    assert "certbot renew" in front._renewal()


def test_an_authority_of_ones_own_is_trusted_beside_the_systems(tmp_path: Path) -> None:
    mine = tmp_path / "authority.pem"
    subprocess.run(
        [
            *("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"),
            *("-subj", "/CN=mine", "-keyout", tmp_path / "key", "-out", mine),
        ],
        check=True,
        capture_output=True,
    )
    system = front._trust(None).cert_store_stats()["x509_ca"]
    assert front._trust(str(mine)).cert_store_stats()["x509_ca"] == system + 1
