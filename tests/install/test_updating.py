"""Updates of an installation: with a new schema, with a version that does not start, and back again."""

from __future__ import annotations

import json
import re
import threading
import time
from http.client import HTTPException
from pathlib import Path

import pytest

from install.conftest import INSTALL, NAME, Server
from install.load import load
from linkhold.db import migrate

HEAD = int(migrate.head())
DOCS = Path(__file__).parents[2] / "docs/server.md"
MIGRATING_SECONDS = 20
UPDATE = "cd /srv/linkhold && deploy/install.sh --wheels /srv/wheels"


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
        with (project / "src/linkhold/wsgi.py").open("a") as application:
            application.write('\nsys.exit("linkhold: this version is broken")\n')
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


def test_what_nginx_refuses_does_not_stay_and_the_next_run_makes_up_for_it(updated: Server) -> None:
    site = "/etc/nginx/sites-available/linkhold"
    command = updated.machine.command
    before = command(f"cat {site}").stdout
    command("echo 'nonsense;' >/etc/nginx/conf.d/broken.conf")
    command("echo '# changed' >>/srv/linkhold/deploy/nginx/linkhold.conf")
    failed = command(UPDATE, check=False)
    assert failed.returncode == 1
    assert "nginx refuses its configuration" in failed.stderr
    assert command(f"cat {site}").stdout == before
    command("rm /etc/nginx/conf.d/broken.conf; systemctl stop nginx")
    command(UPDATE)
    assert "# changed" in command(f"cat {site}").stdout
    assert updated.request("GET", "/readyz")[0] == 200


def test_another_name_and_a_certificate_that_ends_are_seen_to(updated: Server) -> None:
    command = updated.machine.command
    command(
        "cd /etc/linkhold/tls && openssl req -new -key key.pem -subj /CN=x | openssl x509 -req -days 9"
        " -CA authority.pem -CAkey authority.key -CAcreateserial -out certificate.pem &&"
        " systemctl reload nginx && sleep 2"
    )
    warned = command("linkhold doctor", check=False).stdout
    assert "deploy/install.sh makes a new one" in warned
    command("echo LINKHOLD_THREADS=6 >>/etc/linkhold/environment")
    command(f"{UPDATE} --domain other.example")
    shown = command(
        "openssl x509 -in /etc/linkhold/tls/certificate.pem -noout -ext subjectAltName -checkend 50000000"
    )
    assert "DNS:other.example" in shown.stdout
    settings = command("cat /etc/linkhold/environment").stdout
    assert re.findall("^LINKHOLD_(?:HOSTS|PUBLIC_URL)=(.*)$", settings, re.MULTILINE) == [
        "https://other.example",
        "other.example",
    ]
    assert "LINKHOLD_THREADS=6" in settings
    command(f"{UPDATE} --domain {NAME}")
    assert ": no faults, no warnings." in command("linkhold doctor").stdout


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


def test_a_certificate_of_lets_encrypt_is_linked_whenever_it_is_there(updated: Server) -> None:
    """Also when a run broke off after the certificate came."""
    command, live = updated.machine.command, f"/etc/letsencrypt/live/{NAME}"
    command(f"mkdir -p {live} && cd /etc/linkhold/tls && cp certificate.pem {live}/fullchain.pem")
    command(f"cp /etc/linkhold/tls/key.pem {live}/privkey.pem")
    for _ in range(2):
        command(f"{UPDATE} --tls certbot --email you@example.org")
        assert command("readlink /etc/linkhold/tls/certificate.pem").stdout.strip() == f"{live}/fullchain.pem"
        assert updated.request("GET", "/readyz")[0] == 200
        command(f"rm /etc/linkhold/tls/key.pem && cp {live}/privkey.pem /etc/linkhold/tls/key.pem")
    command(f"{UPDATE} --tls local")
    command("test ! -L /etc/linkhold/tls/certificate.pem")
    assert updated.request("GET", "/readyz")[0] == 200


def test_a_postgresql_that_is_too_old_is_seen_before_anything_is_made(updated: Server) -> None:
    command = updated.machine.command
    command("mkdir -p /srv/old && printf '#!/bin/sh\\necho 14 main 5432 online\\n' >/srv/old/pg_lsclusters")
    command("chmod +x /srv/old/pg_lsclusters")
    before = command("ls /opt/linkhold").stdout
    failed = command(f"export PATH=/srv/old:$PATH; {UPDATE} --database debian", check=False)
    assert failed.returncode == 1
    assert (
        "the PostgreSQL here is version 14, and Linkhold needs 15 or later: give --database embedded"
        in failed.stderr
    )
    assert command("ls /opt/linkhold").stdout == before
    told = command(
        "export PATH=/srv/old:$PATH; cd /srv/linkhold && database= && . deploy/install/database.sh"
        ' && say() { echo "$*"; } && choose_database && echo "chosen: $database"'
    ).stdout
    assert "chosen: embedded" in told


def test_a_database_on_another_machine_is_let_through_as_it_is_written_down(updated: Server) -> None:
    command = updated.machine.command
    chapter = DOCS.with_name("postgresql.md").read_text().split("## On another machine")[1].split("\n## ")[0]
    commands = "\n".join(line[4:] for line in chapter.splitlines() if line.startswith("    "))
    doctor = (
        "sed -i 's/^LINKHOLD_DATABASE_URL=.*/LINKHOLD_DATABASE_URL=postgresql:\\/\\/a@10.0.0.5\\/b/'"
        " /etc/linkhold/environment; linkhold doctor --all"
    )
    before = command("cat /etc/linkhold/environment").stdout
    refused = command(doctor, check=False).stdout
    for unit in ("linkhold.service", "linkhold-worker.service"):
        assert f"{unit} may not talk to 10.0.0.5" in refused
    (updated.machine.tree / "etc/linkhold/environment").write_text(before)
    command(commands)
    allowed = command(doctor, check=False).stdout
    for unit in ("linkhold.service", "linkhold-worker.service"):
        assert f"{unit} may talk to 10.0.0.5" in allowed
    (updated.machine.tree / "etc/linkhold/environment").write_text(before)
    command("rm /etc/systemd/system/linkhold*.service.d/database.conf; systemctl daemon-reload")
    command("systemctl restart linkhold")


def test_it_works_through_pgbouncer_as_it_is_written_down(updated: Server) -> None:
    command = updated.machine.command
    before = command("cat /etc/linkhold/environment").stdout
    chapter = DOCS.with_name("postgresql.md").read_text().split("## Through pgbouncer")[1].split("\n## ")[0]
    for line in chapter.splitlines():
        if line.startswith("    "):
            command(f"cd /srv/linkhold && {line[4:]}")
    command("linkhold ready --socket /run/linkhold/http.sock --within 60")
    assert updated.request("POST", "/api/v1/links", {"url": "https://example.com/pooled"})[0] == 201
    assert ": no faults, no warnings." in command("linkhold doctor").stdout
    assert schema(updated) in command("linkhold db dump && linkhold db dumps").stdout.splitlines()[-1]
    # Past the pooler: what pg_dump sets would stay on its connections.
    assert updated.request("POST", "/api/v1/links", {"url": "https://example.com/dumped"})[0] == 201
    command("sed -i '/DIRECT_URL/d' /etc/linkhold/environment")
    assert schema(updated)
    refused = command("linkhold db dump", check=False)
    assert "let LINKHOLD_DATABASE_DIRECT_URL name the same database" in refused.stderr
    refused = command("runuser -u nobody -- psql -h /run/pgbouncer -p 6432 -U linkhold linkhold", check=False)
    assert refused.returncode != 0
    (updated.machine.tree / "etc/linkhold/environment").write_text(before)
    command("systemctl restart linkhold linkhold-worker; systemctl disable --now pgbouncer")
