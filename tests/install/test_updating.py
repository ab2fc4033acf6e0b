"""Updates of an installation: with a new schema, with a version that does not start, and back again."""

from __future__ import annotations

import json
import threading
import time
from http.client import HTTPException
from pathlib import Path

import pytest

from install.conftest import INSTALL, NAME, UPDATE, Server
from install.load import load
from linkhold.db import migrate

HEAD = int(migrate.head())
DOCS = Path(__file__).parents[2] / "docs/server.md"
MIGRATING_SECONDS = 30


@pytest.fixture(scope="module")
def updated(server: Server) -> Server:
    """Return a new installation on Debian's PostgreSQL."""
    server.machine.command("cd /srv/linkhold && deploy/install.sh remove --and-all-data --and-all-data")
    server.set_up(server.machine.command(f"{INSTALL} --database debian --server granian").stdout)
    return server


def make_version(
    server: Server, name: str, number: int, *, after: str, expands: bool, starts: bool = True
) -> str:
    """Make a later version of the same code with one more migration, and return how it is installed."""
    project = server.machine.tree / f"srv/{name}"
    server.machine.command(f"rm -rf /srv/{name} && cp -a /srv/{after} /srv/{name}")
    (project / f"src/linkhold/migrations/versions/{number:04}_{name}.py").write_text(
        "from alembic import op\n"
        f"revision, down_revision, expands = '{number:04}', '{number - 1:04}', {expands}\n"
        "def upgrade():\n"
        f"    op.execute('CREATE TABLE {name} (id bigint PRIMARY KEY)')\n"
        f"    op.execute('SELECT pg_sleep({MIGRATING_SECONDS})')\n"
    )
    (project / "src/linkhold/__init__.py").write_text(f'"""Linkhold."""\n\n__version__ = "{number}.0"\n')
    if not starts:
        with (project / "src/linkhold/serving.py").open("a") as serving:
            serving.write('\nraise SystemExit("linkhold: this version is broken")\n')
    return f"cd /srv/{name} && deploy/install.sh --wheels /srv/wheels"


def current(server: Server) -> str:
    return server.machine.command("readlink /opt/linkhold/current").stdout.strip()


def schema(server: Server) -> str:
    asked = "linkhold db psql -tAc 'SELECT version_num FROM alembic_version'"
    return server.machine.command(asked).stdout.strip()


def test_a_version_with_a_new_schema_is_put_in_while_the_one_before_serves(updated: Server) -> None:
    install = make_version(updated, "grown", HEAD + 1, after="linkhold", expands=True)
    with load(updated, "grown") as working:
        updated.machine.command(install)
    assert schema(updated) == f"{HEAD + 1:04}"
    assert updated.request("GET", "/readyz")[0] == 200
    # Who comes at the moment of the restart waits, and nobody for the migration.
    assert working.longest_gap() < MIGRATING_SECONDS - 5
    assert f"-schema-{HEAD:04}.dump" in updated.machine.command("linkhold db dumps").stdout


def test_a_version_that_cannot_be_loaded_is_taken_back_whole(updated: Server) -> None:
    """The schema has moved by then, and only added: the version before serves it."""
    before = current(updated)
    install = make_version(updated, "broken", HEAD + 2, after="grown", expands=True, starts=False)
    failed = updated.machine.command(f"{install} --server gunicorn", check=False)
    assert failed.returncode == 1
    assert "this version is broken" in failed.stderr
    assert "The new version does not start, and the one before is back" in failed.stderr
    assert current(updated) == before
    assert schema(updated) == f"{HEAD + 2:04}"
    assert updated.request("GET", "/readyz")[0] == 200
    assert "gunicorn" not in updated.machine.command("systemctl cat linkhold.service").stdout
    assert "granian" in updated.machine.command("cat /etc/linkhold/install").stdout
    updated.machine.command("systemctl is-active linkhold-worker")
    kept = updated.machine.command("ls -d /opt/linkhold/[0-9]*").stdout.split()
    assert before in kept
    assert len(kept) == 2, "the version that failed is no version to go back to"


def test_the_way_back_that_is_written_down_leads_there(updated: Server) -> None:
    """A version that took something away from the schema cannot just be left: its dump is put back."""
    saved = updated.request("POST", "/links", {"url": "https://example.com/kept"})[1]
    before = current(updated)
    install = make_version(updated, "contracted", HEAD + 3, after="broken", expands=False, starts=False)
    failed = updated.machine.command(install, check=False)
    assert failed.returncode == 1
    assert "the one before does not either" in failed.stderr
    assert f"The schema is {HEAD + 3:04} now, and was {HEAD + 2:04}: restore the dump of it" in failed.stderr
    chapter = DOCS.read_text().split("## Back to the version before")[1].split("\n## ")[0]
    commands = [line[4:] for line in chapter.splitlines() if line.startswith("    ")]
    dumped = updated.machine.command("linkhold db dumps").stdout.splitlines()[-1].split()[-1]
    assert f"-schema-{HEAD + 2:04}.dump" in dumped
    for command in commands:
        updated.machine.command(command.replace("FILE", dumped).replace("/opt/linkhold/BEFORE", before))
    assert updated.request("GET", "/readyz")[0] == 200
    assert schema(updated) == f"{HEAD + 2:04}"
    assert json.loads(updated.request("GET", "/links")[1]) == json.loads(saved)


def test_a_run_that_is_interrupted_leaves_all_as_it_was(updated: Server) -> None:
    """Ctrl-C while the schema is migrated, with other settings for the new version."""
    command = updated.machine.command
    look = "cat /etc/linkhold/environment /etc/linkhold/install; ls -d /opt/linkhold/[0-9]*"
    before, served = command(look).stdout, schema(updated)
    install = make_version(updated, "slow", HEAD + 3, after="broken", expands=True)
    command(
        f"set -m; ({install} --domain other.example --database embedded >/srv/told 2>&1) & "
        "until grep -q 'schema of the new version' /srv/told; do sleep 0.2; done; sleep 2; "
        "grep -q other.example /etc/linkhold/environment && kill -INT -- -$! && ! wait $!"
    )
    assert command(look).stdout == before
    command("systemctl restart linkhold")
    assert updated.request("GET", "/readyz")[0] == 200
    assert schema(updated) == served


def test_a_run_that_is_interrupted_at_the_restart_brings_the_version_before_back(updated: Server) -> None:
    command = updated.machine.command
    look = "cat /etc/linkhold/environment /etc/linkhold/install; readlink /opt/linkhold/current"
    before = command(look).stdout
    command(
        "cd /srv/grown && set -m; "
        "(deploy/install.sh --wheels /srv/wheels --server gunicorn >/srv/told 2>&1) & "
        f"until [ $(readlink /opt/linkhold/current) != {current(updated)} ]; do sleep 0.05; done; "
        "kill -INT -- -$! && ! wait $!"
    )
    assert command(look).stdout == before
    assert "gunicorn" not in command("systemctl cat linkhold.service").stdout
    assert updated.request("GET", "/readyz")[0] == 200


def test_edits_during_restarts_and_reloads_all_get_their_answer(updated: Server) -> None:
    """Nginx cannot send an edit again, as it does a save."""
    failed: list[str] = []
    done = threading.Event()

    def edit(number: int) -> None:
        url = {"url": f"https://example.com/edited/{number}"}
        path = f"/api/v1/links/{json.loads(updated.request('POST', '/api/v1/links', url)[1])['id']}"
        while not done.is_set():
            try:
                status, body, _ = updated.request("PATCH", path, {"title": f"{time.monotonic()}"})
            except (OSError, HTTPException) as error:
                failed.append(repr(error))
            else:
                failed.extend([] if status == 200 else [f"{status} {body[:200]!r}"])

    editors = [threading.Thread(target=edit, args=(number,)) for number in range(6)]
    for each in editors:
        each.start()
    for how in ("restart", "restart", "restart", "reload"):
        time.sleep(2)
        updated.machine.command(f"systemctl {how} linkhold")
    time.sleep(3)
    done.set()
    for each in editors:
        each.join()
    assert not failed, failed[:3]


def test_a_setting_that_was_changed_by_hand_stays_and_is_taken_as_it_is_written(updated: Server) -> None:
    command = updated.machine.command
    changed = f"LINKHOLD_HOSTS={NAME},also.example"
    command(f"sed -i 's/^LINKHOLD_HOSTS=.*/{changed}/' /etc/linkhold/environment")
    command("sed -i 's/^LINKHOLD_DATABASE_URL=.*/&\\&application_name=s3cr$et;x/' /etc/linkhold/environment")
    told = command(f"{UPDATE} --domain other.example")
    assert "LINKHOLD_HOSTS was changed by hand in /etc/linkhold/environment and stays" in told.stderr
    assert changed in command("cat /etc/linkhold/environment").stdout
    assert "ada" in command("linkhold account list").stdout
    command("sed -i 's/^LINKHOLD_HOSTS=.*/LINKHOLD_HOSTS=other.example/' /etc/linkhold/environment")
    command(f"{UPDATE} --domain {NAME}")
