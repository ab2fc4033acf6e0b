"""What is handed to other programs says what is true: dashboards, alerts, containers, units, settings."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
import yaml  # type: ignore[import-untyped]
from flask import Flask
from prometheus_client.parser import text_string_to_metric_families

import needs
from linkhold import cli, config, keys
from linkhold.app import create_app
from linkhold.doors.web import assets
from linkhold.runtime import Runtime

DEPLOY = Path(__file__).parents[1] / "deploy"
DUMP = "20260101-120000-000000-schema-0001.dump"


@pytest.fixture
def told(runtime: Runtime, tmp_path: Path, authorized: dict[str, str]) -> set[str]:
    """Return the names of a real answer, after a save and a search, where there is a dump."""
    settings = config.load({"LINKHOLD_DATA_DIR": str(tmp_path / "data")})
    dump = settings.data_dir / "dumps" / DUMP
    dump.parent.mkdir(parents=True)
    dump.touch()
    client = create_app(replace(runtime, settings=settings)).test_client()
    client.post("/api/v1/links", json={"url": "https://a.example/"}, headers=authorized)
    client.get("/api/v1/links?q=a", headers=authorized)
    key = keys.get(settings.data_dir, keys.METRICS)
    answer = client.get("/metrics", headers={"Authorization": f"Bearer {key}"})
    families = text_string_to_metric_families(answer.text)
    return {sample.name for family in families for sample in family.samples}


@pytest.mark.parametrize("name", ["grafana.json", "alerts.yml"])
def test_dashboard_and_alerts_ask_for_metrics_that_exist(name: str, told: set[str]) -> None:
    asked = set(re.findall(r"linkhold_\w+", (DEPLOY / "monitoring" / name).read_text()))
    assert asked
    assert asked <= told


def test_the_alerts_tell_what_they_are_for_and_nothing_else(tmp_path: Path) -> None:
    promtool, rules = needs.program("promtool", "prometheus"), DEPLOY / "monitoring/alerts.yml"
    asked = tmp_path / "asked.yml"
    asked.write_text((Path(__file__).parent / "alerts.yml").read_text().replace("ALERTS", str(rules)))
    for command in (["check", "rules", str(rules)], ["test", "rules", str(asked)]):
        done = subprocess.run([promtool, *command], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr


def test_the_dashboard_is_whole() -> None:
    board = json.loads((DEPLOY / "monitoring/grafana.json").read_text())
    assert len({panel["id"] for panel in board["panels"]}) == len(board["panels"])
    assert all(target["expr"] for panel in board["panels"] for target in panel["targets"])


@pytest.mark.parametrize("path", ["install/database.sh", "container/Containerfile", "container/compose.yaml"])
def test_only_settings_that_exist_are_set(path: str) -> None:
    used = set(re.findall(r"LINKHOLD_[A-Z_]+", (DEPLOY / path).read_text()))
    fields = {config.variable(field) for field in config.Settings.model_fields}
    assert used
    assert used <= fields | {f"{field}_FILE" for field in fields}


def test_what_the_image_is_built_of_is_there() -> None:
    text = (DEPLOY / "container/Containerfile").read_text()
    for line in re.findall(r"^COPY (?!--from)(.+)$", text, flags=re.MULTILINE):
        for source in line.split()[:-1]:
            assert (DEPLOY.parent / source).exists(), source


def test_the_image_asks_itself_by_a_command_that_exists() -> None:
    """By 127.0.0.1 it would be refused as soon as LINKHOLD_HOSTS is set."""
    text = (DEPLOY / "container/Containerfile").read_text()
    (asked,) = re.findall(r"^HEALTHCHECK .*CMD (.+)$", text, flags=re.MULTILINE)
    program, command = json.loads(asked)
    assert program == "linkhold"
    assert command in cli.COMMANDS


def test_the_secrets_of_the_containers_are_readable_for_the_user_of_the_image() -> None:
    (number,) = re.findall(r"--uid (\d+)", (DEPLOY / "container/Containerfile").read_text())
    compose = (DEPLOY / "container/compose.yaml").read_text()
    assert f"chown {number}:{number} secrets/url" in compose


def test_what_a_container_asks_for_is_there() -> None:
    """What an engine refuses before it starts anything; whether they work together it cannot tell."""
    path = DEPLOY / "container/compose.yaml"
    composed = yaml.safe_load(path.read_text())
    for name, service in composed["services"].items():
        assert ("build" in service) != ("image" in service), name
        assert set(service.get("secrets", [])) <= set(composed["secrets"]), name
        assert {each.split(":")[0] for each in service["volumes"]} <= set(composed["volumes"]), name
        for other, wanted in service.get("depends_on", {}).items():
            assert wanted == {"condition": "service_healthy"}
            assert "healthcheck" in composed["services"][other]
    build = composed["services"]["linkhold"]["build"]
    assert (path.parent / build["context"] / build["dockerfile"]).samefile(DEPLOY / "container/Containerfile")


def test_nginx_finds_the_static_files_where_the_pages_ask_for_them(app: Flask, tmp_path: Path) -> None:
    written = assets.export(tmp_path)
    with app.test_request_context():
        address = assets.static_url("style.css")
    assert tmp_path / address.lstrip("/") == written / "style.css"
    assert (written / "style.css.gz").stat().st_size < (written / "style.css").stat().st_size / 2
    answer = app.test_client().get(address)
    assert answer.data == (written / "style.css").read_bytes()


def test_the_configuration_of_nginx_has_no_known_fault() -> None:
    checker, configuration = Path(sys.executable).with_name("gixy"), DEPLOY / "nginx/linkhold.conf"
    found = subprocess.run([checker, configuration], capture_output=True, text=True, check=False)
    assert "No issues found" in found.stdout, found.stdout


def test_a_refusal_by_nginx_has_the_type_that_is_documented_for_its_status() -> None:
    refusals = re.findall(
        r'return (\d+) \'\{"type":"urn:linkhold:problem:([a-z-]+)",.*"status":(\d+),',
        (DEPLOY / "nginx/linkhold.conf").read_text(),
    )
    table = re.findall(
        r"^\| `([a-z-]+)` \| (\d+) \|", (DEPLOY.parent / "docs/api.md").read_text(), re.MULTILINE
    )
    assert len(refusals) == 3
    for status, name, told in refusals:
        assert (name, status) in table
        assert told == status


def written_settings(environment: Path) -> list[str]:
    """Return the settings that a first installation writes, where somebody wrote some before."""
    step = (
        'set -eu; . deploy/install/database.sh; chown() { :; }; warn() { echo "$*" >&2; };'
        f" environment={environment} asked={environment}.asked;"
        " domain=links.example email= tls=local database= server=granian was_domain= was_database=;"
        " postgresql_version() { echo 15; }; choose_database; write_settings;"
        " if is_yours; then echo yours; else echo ours; fi"
    )
    done = subprocess.run(["sh", "-c", step], cwd=DEPLOY.parent, capture_output=True, text=True, check=True)
    assert done.stderr == ""
    return [done.stdout.strip(), *(line for line in environment.read_text().splitlines() if line[0] != "#")]


@pytest.mark.parametrize(
    ("before", "whose"),
    [
        ("", "ours"),
        ("LINKHOLD_THREADS=4\n", "ours"),
        ("LINKHOLD_DATABASE_URL=postgresql://linkhold@db.example/linkhold\n", "yours"),
        ("LINKHOLD_DATABASE_URL_FILE=/etc/linkhold/url\n", "yours"),
    ],
)
def test_a_first_installation_keeps_what_was_written_before_it_and_names_one_database(
    tmp_path: Path, before: str, whose: str
) -> None:
    environment = tmp_path / "environment"
    if before:
        environment.write_text(before)
    told, *lines = written_settings(environment)
    assert told == whose
    names = [line.partition("=")[0] for line in lines]
    assert {"LINKHOLD_DATA_DIR", "LINKHOLD_TRUSTED_PROXIES", "LINKHOLD_HOSTS", "LINKHOLD_PUBLIC_URL"} <= set(
        names
    )
    assert len(names) == len(set(names))
    assert sum(name.startswith("LINKHOLD_DATABASE_URL") for name in names) == 1
    assert set(before.splitlines()) <= set(lines)


SCRIPTS = ["install.sh", "linkhold", *(f"install/{path.name}" for path in (DEPLOY / "install").iterdir())]


@pytest.mark.parametrize("script", SCRIPTS)
def test_the_shell_scripts_have_no_known_fault(script: str) -> None:
    checker = needs.program("shellcheck")
    done = subprocess.run(
        # The steps are read by install.sh, and share its variables.
        [checker, "--shell=sh", "--exclude=SC1091,SC2012,SC2034,SC2154", DEPLOY / script],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout
