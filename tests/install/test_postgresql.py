"""The database behind an installation: too old, on another machine, behind a pooler."""

from __future__ import annotations

from pathlib import Path

from install.conftest import UPDATE, Server

DOCS = Path(__file__).parents[2] / "docs/postgresql.md"


def schema(server: Server) -> str:
    asked = "linkhold db psql -tAc 'SELECT version_num FROM alembic_version'"
    return server.machine.command(asked).stdout.strip()


def test_a_postgresql_that_is_too_old_is_seen_before_anything_is_made(server: Server) -> None:
    command = server.machine.command
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


def test_a_database_on_another_machine_is_let_through_as_it_is_written_down(server: Server) -> None:
    command = server.machine.command
    chapter = DOCS.read_text().split("## On another machine")[1].split("\n## ")[0]
    commands = "\n".join(line[4:] for line in chapter.splitlines() if line.startswith("    "))
    doctor = (
        "sed -i 's/^LINKHOLD_DATABASE_URL=.*/LINKHOLD_DATABASE_URL=postgresql:\\/\\/a@10.0.0.5\\/b/'"
        " /etc/linkhold/environment; linkhold doctor --all"
    )
    before = command("cat /etc/linkhold/environment").stdout
    refused = command(doctor, check=False).stdout
    for unit in ("linkhold.service", "linkhold-worker.service"):
        assert f"{unit} may not talk to 10.0.0.5" in refused
    (server.machine.tree / "etc/linkhold/environment").write_text(before)
    command(commands)
    allowed = command(doctor, check=False).stdout
    for unit in ("linkhold.service", "linkhold-worker.service"):
        assert f"{unit} may talk to 10.0.0.5" in allowed
    (server.machine.tree / "etc/linkhold/environment").write_text(before)
    command("rm /etc/systemd/system/linkhold*.service.d/database.conf; systemctl daemon-reload")
    command("systemctl restart linkhold")


def test_it_works_through_pgbouncer_as_it_is_written_down(server: Server) -> None:
    command = server.machine.command
    before = command("cat /etc/linkhold/environment").stdout
    chapter = DOCS.read_text().split("## Through pgbouncer")[1].split("\n## ")[0]
    for line in chapter.splitlines():
        if line.startswith("    "):
            command(f"cd /srv/linkhold && {line[4:]}")
    command("linkhold ready --socket /run/linkhold/http.sock --within 60")
    assert server.request("POST", "/api/v1/links", {"url": "https://example.com/pooled"})[0] == 201
    assert ": no faults, no warnings." in command("linkhold doctor").stdout
    assert schema(server) in command("linkhold db dump && linkhold db dumps").stdout.splitlines()[-1]
    # Past the pooler: what pg_dump sets would stay on its connections.
    assert server.request("POST", "/api/v1/links", {"url": "https://example.com/dumped"})[0] == 201
    command("sed -i '/DIRECT_URL/d' /etc/linkhold/environment")
    assert schema(server)
    refused = command("linkhold db dump", check=False)
    assert "let LINKHOLD_DATABASE_DIRECT_URL name the same database" in refused.stderr
    refused = command("runuser -u nobody -- psql -h /run/pgbouncer -p 6432 -U linkhold linkhold", check=False)
    assert refused.returncode != 0
    (server.machine.tree / "etc/linkhold/environment").write_text(before)
    command("systemctl restart linkhold linkhold-worker; systemctl disable --now pgbouncer")
