"""Removing it, which keeps the data until asked twice, and the other ways to install it afterwards."""

from __future__ import annotations

import json
import time

from install.conftest import INSTALL, Server
from install.load import load


def test_gunicorn_serves_the_same_one_option_apart(server: Server) -> None:
    server.machine.command("cd /srv/linkhold && deploy/install.sh --server gunicorn --wheels /srv/wheels")
    shown = server.machine.command("systemctl status --no-pager linkhold").stdout
    assert "gunicorn" in shown
    with load(server, "gunicorn"):
        time.sleep(1)
        server.machine.command("systemctl restart linkhold")
        for _ in range(2):
            time.sleep(2)
            server.machine.command("systemctl reload linkhold")
        time.sleep(4)
    key = server.machine.command("linkhold key show metrics").stdout.strip()
    assert server.request("GET", "/metrics", headers={"Authorization": f"Bearer {key}"})[0] == 200
    shown = server.machine.command("systemctl show --property NRestarts --value linkhold").stdout
    assert shown.strip() == "0"


def test_removing_keeps_the_data_until_asked_twice(server: Server) -> None:
    count = len(json.loads(server.request("GET", "/links")[1]))
    server.machine.command("cd /srv/linkhold && deploy/install.sh remove --and-all-data")
    assert not (server.machine.tree / "opt/linkhold").exists()
    server.machine.command(f"{INSTALL} --server granian")
    assert len(json.loads(server.request("GET", "/links")[1])) == count
    server.machine.command("runuser -u postgres -- createdb --owner linkhold linkhold_before")
    server.machine.command("cd /srv/linkhold && deploy/install.sh remove --and-all-data --and-all-data")
    assert "linkhold" not in server.machine.command("runuser -u postgres -- psql -tAc '\\du' -l").stdout
    assert not (server.machine.tree / "var/lib/linkhold").exists()


def test_gunicorn_leads_to_the_first_account_too(server: Server) -> None:
    told = server.machine.command(f"{INSTALL} --server gunicorn").stdout
    server.set_up(told)
    assert server.request("POST", "/links", {"url": "https://example.com/"})[0] == 200
    server.machine.command("cd /srv/linkhold && deploy/install.sh remove --and-all-data --and-all-data")


def test_the_embedded_server_works_in_the_box_too(server: Server) -> None:
    server.set_up(server.machine.command(f"{INSTALL} --database embedded").stdout)
    with load(server, "embedded"):
        time.sleep(1)
        server.machine.command("systemctl restart linkhold")
        time.sleep(2)
        server.machine.command("systemctl restart linkhold-worker")
        time.sleep(2)
    server.machine.command(
        "systemctl stop linkhold; systemctl start linkhold; systemctl is-active linkhold-worker"
    )


def test_the_embedded_server_was_shut_down_at_each_of_these_restarts(server: Server) -> None:
    """The service manager kills it while somebody uses it: the worker stops first, and starts last."""
    told = server.machine.command("cat /var/lib/linkhold/postgres/log/*").stdout
    assert told.count("database system is ready to accept connections") >= 3
    assert "was interrupted" not in told
    assert "not properly shut down" not in told
    cgroup = server.machine.command("systemctl status --no-pager linkhold").stdout
    assert "postgres" in cgroup
