"""What it lives through, under load: reloads, restarts, updates, whatever is killed, and time."""

from __future__ import annotations

import json
import os
import random
import shlex
import time
from http.client import HTTPException, HTTPSConnection
from typing import Any

import psutil
import pytest

from install.conftest import Server
from install.load import load
from system import verdict
from system.writer import Writer

KILL_ROUNDS = int(os.environ.get("KILL_ROUNDS", "30"))
SOAK_SECONDS = int(os.environ.get("SOAK_SECONDS", "180"))
MEBIBYTE = 2**20
KILL_BACKEND = "pkill -KILL --newest --full '^postgres: .* linkhold linkhold'"
KILLS = {
    "the service": "systemctl kill --signal KILL linkhold",
    "a web process": "pkill -KILL --newest --parent $(systemctl show --property MainPID --value linkhold)",
    "the postmaster": "systemctl kill --kill-whom main --signal KILL 'postgresql@*'",
    # The newest may have ended by itself a moment before.
    "a backend": f"until {KILL_BACKEND}; do sleep 0.1; done",
    "nginx's processes": "pkill -KILL --full '^nginx: worker'",
    "nginx": "systemctl kill --kill-whom main --signal KILL nginx",
}


@pytest.mark.parametrize("how", ["reload", "restart"])
def test_a_restart_under_load_loses_nothing(server: Server, how: str) -> None:
    with load(server, how) as working:
        for _ in range(3):
            time.sleep(1)
            server.machine.command(f"systemctl {how} linkhold")
        time.sleep(2)
        assert len(working.saved) > 20


class Behind:
    """Linkhold as programs and its administrator see it there, with an account of its own to write to."""

    def __init__(self, server: Server) -> None:
        command = server.machine.command
        command("echo 'a good password' | linkhold account add kill --password-stdin")
        token = command("linkhold token add --account kill --name kill --scope read --scope write").stdout
        self.server, self.token = server, token.strip()
        self.owner = 0
        self.owner = self.rows("SELECT id FROM accounts WHERE name = 'kill'")[0]["id"]

    def connect(self, timeout: float) -> HTTPSConnection:
        return self.server.connection(timeout)

    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}

    def rows(self, query: str) -> list[dict[str, Any]]:
        asked = shlex.quote(f"SELECT row_to_json(each) FROM ({query}) AS each")
        return [
            json.loads(line)
            for line in self.server.machine.command(f"linkhold db psql -tAc {asked}").stdout.splitlines()
        ]

    def wait_ready(self) -> None:
        end = time.monotonic() + 180
        while time.monotonic() < end:
            try:
                if self.server.request("GET", "/readyz")[0] == 200:
                    return
            except (OSError, HTTPException):
                pass
            time.sleep(0.1)
        pytest.fail("it is not back by itself: " + self.server.machine.said()[-3000:])


@pytest.mark.timeout(600 + KILL_ROUNDS * 30)
def test_whatever_is_killed_is_back_by_itself_and_nothing_acknowledged_is_lost(server: Server) -> None:
    behind = Behind(server)
    writer = Writer(behind)
    chance = random.Random()
    for number in range(KILL_ROUNDS):
        what = list(KILLS)[number % len(KILLS)]
        writer.start()
        try:
            time.sleep(chance.uniform(0.3, 0.9))
            server.machine.command(KILLS[what])
            behind.wait_ready()
            writer.wait_for_more()
        finally:
            writer.stop()
    assert set(writer.statuses) <= {200, 201, 503}, writer.statuses
    assert writer.without_retry_after == 0
    found = verdict.judge(behind, writer)
    assert found.good, found


def test_an_update_under_load_loses_nothing(server: Server) -> None:
    before = server.machine.command("readlink /opt/linkhold/current").stdout
    with load(server, "update"):
        server.machine.command("cd /srv/linkhold && deploy/install.sh --wheels /srv/wheels")
    assert server.machine.command("readlink /opt/linkhold/current").stdout != before
    assert server.request("GET", "/readyz")[0] == 200


def test_a_version_that_does_not_start_is_taken_back(server: Server) -> None:
    before = server.machine.command("readlink /opt/linkhold/current").stdout
    server.machine.command("echo LINKHOLD_PROT=1 >>/etc/linkhold/environment")
    failed = server.machine.command(
        "cd /srv/linkhold && sed 's/^TimeoutStartSec.*/&\\nRestart=no/' -i deploy/systemd/linkhold.service &&"
        " deploy/install.sh --wheels /srv/wheels",
        check=False,
    )
    assert failed.returncode != 0
    assert "LINKHOLD_PROT is not a setting of Linkhold. Did you mean LINKHOLD_PORT?" in failed.stderr
    assert server.machine.command("readlink /opt/linkhold/current").stdout == before
    server.machine.command(
        "sed -i /LINKHOLD_PROT/d /etc/linkhold/environment; cd /srv/linkhold && sed -i '/^Restart=no/d'"
        " deploy/systemd/linkhold.service && cp deploy/systemd/linkhold.service /etc/systemd/system/ &&"
        " systemctl daemon-reload && systemctl restart linkhold"
    )
    assert server.request("GET", "/readyz")[0] == 200


def test_three_minutes_of_load_bring_no_error_and_no_growth(
    server: Server, capsys: pytest.CaptureFixture[str]
) -> None:
    """PostgreSQL is left out: until its buffers are full they grow, as they should."""
    warm_up = min(30, SOAK_SECONDS / 2)
    with load(server, "soak") as working:
        time.sleep(warm_up)
        # By now those are gone that only wait for the server to be ready.
        inside = processes(server)
        assert inside
        early = memory(inside)
        time.sleep(SOAK_SECONDS - warm_up)
        late = memory(inside)
    rate = len(working.saved) / SOAK_SECONDS
    with capsys.disabled():
        print(f"\nsoak: {rate:.0f} saves/s, {early / MEBIBYTE:.0f} to {late / MEBIBYTE:.0f} MiB")  # noqa: T201
    assert set(processes(server)) == set(inside), "one that was started anew has not had the time to grow"
    assert late - early < 20 * MEBIBYTE


def processes(server: Server) -> list[psutil.Process]:
    """Return the processes of Linkhold in that machine; this one may have some of its own."""
    all_there = psutil.Process(server.machine.leader).children(recursive=True)
    return [each for each in all_there if named(each) == "linkhold"]


def named(process: psutil.Process) -> str:
    """Return the name of a process; none of one that has just ended."""
    try:
        return process.name()
    except psutil.NoSuchProcess:
        return ""


def memory(measured: list[psutil.Process]) -> int:
    return sum(each.memory_info().rss for each in measured)
