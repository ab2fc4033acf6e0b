"""Removing it, which keeps the data until asked twice, and the other ways to install it afterwards."""

from __future__ import annotations

import json
import time

from install.conftest import INSTALL, UPDATE, Server
from install.load import load

REMOVE = "cd /srv/linkhold && deploy/install.sh remove --and-all-data --and-all-data"


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
    renewal = "/etc/letsencrypt/renewal/links.example.conf"
    server.machine.command(f"mkdir -p /etc/letsencrypt/renewal && echo /var/lib/linkhold-web >{renewal}")
    told = server.machine.command("cd /srv/linkhold && deploy/install.sh remove --and-all-data").stdout
    assert "to end that: certbot delete --cert-name links.example" in told
    assert not (server.machine.tree / "opt/linkhold").exists()
    server.machine.command(f"{INSTALL} --server granian")
    assert len(json.loads(server.request("GET", "/links")[1])) == count
    server.machine.command("runuser -u postgres -- createdb --owner linkhold linkhold_before")
    server.machine.command(REMOVE)
    assert nothing_is_left(server)


def nothing_is_left(server: Server) -> bool:
    server.machine.command("! id linkhold && test ! -e /var/lib/linkhold")
    server.machine.command("test ! -e /etc/systemd/system/pgbouncer.service.d/linkhold.conf")
    return "linkhold" not in server.machine.command("runuser -u postgres -- psql -tAc '\\du' -l").stdout


def test_gunicorn_leads_to_the_first_account_too_and_half_a_first_run_is_made_up_for(server: Server) -> None:
    """A package that was removed is not taken for one that is there, nor an empty cluster for somebody's."""
    command = server.machine.command
    command("apt-get remove -y -qq nginx && dpkg-query -W nginx")
    disable = "/usr/lib/postgresql/15/bin/pg_checksums --disable -D /var/lib/postgresql/15/main"
    command(f"systemctl stop postgresql@15-main && runuser -u postgres -- {disable}")
    command("systemctl start postgresql@15-main")
    server.set_up(command(f"{INSTALL} --server gunicorn").stdout)
    assert server.request("POST", "/links", {"url": "https://example.com/"})[0] == 200
    assert command("linkhold db psql -tAc 'SHOW data_checksums'").stdout.strip() == "on"


def test_the_database_that_was_used_before_goes_with_all_data(server: Server) -> None:
    assert "export them there" in server.machine.command(f"{UPDATE} --database embedded").stderr
    server.machine.command(REMOVE)
    assert nothing_is_left(server)


def test_the_embedded_server_works_in_the_box_too(server: Server) -> None:
    server.set_up(server.machine.command(f"{INSTALL} --database embedded").stdout)
    with load(server, "embedded"):
        time.sleep(1)
        server.machine.command("systemctl restart linkhold")
        time.sleep(2)
        server.machine.command("systemctl restart linkhold-worker")
        time.sleep(2)
    server.machine.command(
        "systemctl stop linkhold; systemctl start linkhold;"
        " timeout 300 sh -c 'until systemctl is-active --quiet linkhold-worker; do sleep 1; done'"
    )


def test_the_embedded_server_was_shut_down_at_each_of_these_restarts(server: Server) -> None:
    """The service manager kills it while somebody uses it: the worker stops first, and starts last."""
    told = server.machine.command("cat /var/lib/linkhold/postgres/log/*").stdout
    assert told.count("database system is ready to accept connections") >= 3
    assert "was interrupted" not in told
    assert "not properly shut down" not in told
    cgroup = server.machine.command("systemctl status --no-pager linkhold").stdout
    assert "postgres" in cgroup
