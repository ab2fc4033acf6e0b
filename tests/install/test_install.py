"""The way to a server of one's own, gone for real: install, use, restart, update, remove."""

from __future__ import annotations

import json
import os
import random
import re
import shlex
import subprocess
import threading
import time
from http.client import HTTPException, HTTPSConnection
from pathlib import Path
from typing import Any

import psutil
import pytest

import needs
from install.conftest import INSTALL, NAME, Server
from install.load import load
from system import verdict
from system.writer import Writer

KILL_ROUNDS = int(os.environ.get("KILL_ROUNDS", "30"))
SOAK_SECONDS = int(os.environ.get("SOAK_SECONDS", "180"))
MEBIBYTE = 2**20


def test_it_serves_by_its_name_over_tls_and_is_safe_to_ask(server: Server) -> None:
    status, body, headers = server.request("POST", "/links", {"url": "https://example.com/first"})
    assert (status, json.loads(body)) == (200, ["https://example.com/first"])
    assert headers["strict-transport-security"].startswith("max-age=")
    assert "nginx/" not in headers["server"]
    # The id by which the log tells of a request is the one that nginx made; lines are written a moment later.
    until = time.monotonic() + 10
    while headers["x-request-id"] not in server.machine.said():
        assert time.monotonic() < until
        time.sleep(0.1)
    plain = subprocess.run(
        ["curl", "-si", "--connect-to", f"{NAME}:80:127.0.0.1:80", f"http://{NAME}/links?a=b"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert " 308 " in plain.splitlines()[0]
    assert f"location: https://{NAME}/links?a=b" in plain.lower()


def test_nginx_answers_the_files_of_the_pages_itself(server: Server) -> None:
    page = server.request("GET", "/login", headers={})[1].decode()
    (address,) = re.findall(r'href="(/static-[0-9a-f]+/style\.css)"', page)
    status, body, headers = server.request("GET", address, headers={"Accept-Encoding": "gzip"})
    assert (status, headers["content-encoding"]) == (200, "gzip")
    assert "immutable" in headers["cache-control"]
    assert "x-request-id" not in headers, "Linkhold was asked"
    assert len(body) < 20_000
    assert server.request("GET", address.replace("style", "none"), headers={})[0] == 404


def test_the_clients_address_is_the_one_that_nginx_sees(server: Server) -> None:
    forged = {"X-Forwarded-For": "203.0.113.77", "Authorization": "Bearer wrong"}
    for _ in range(3):
        assert server.request("GET", "/links", headers=forged)[0] == 401
    counted = server.machine.command(
        "linkhold db psql -tAc 'SELECT * FROM failed_attempts'", check=False
    ).stdout
    assert "127.0.0.1" in counted
    assert "203.0.113.77" not in counted


def test_the_units_are_right_and_tightly_boxed(server: Server) -> None:
    units = "linkhold.service linkhold-worker.service"
    verified = server.machine.command(
        f"cd /etc/systemd/system && systemd-analyze verify {units} linkhold.socket"
    )
    assert "linkhold" not in verified.stderr
    told = server.machine.command(f"systemd-analyze security --no-pager {units}").stdout
    exposures = re.findall(r"Overall exposure level for (\S+): ([0-9.]+)", told)
    assert [name for name, _ in exposures] == units.split()
    assert all(float(exposure) <= 2.0 for _, exposure in exposures), exposures


def test_the_service_cannot_read_or_write_what_is_not_its_own(server: Server) -> None:
    pid = server.machine.command("systemctl show --property MainPID --value linkhold").stdout.strip()
    inside = f"nsenter --target {pid} --mount --setuid $(id -u linkhold) --setgid $(id -g linkhold) -- sh -c"
    refused = server.machine.command(f"{inside} 'touch /etc/x /usr/x /opt/linkhold/x; ls /root'", check=False)
    assert refused.stderr.count("Read-only file system") == 3
    assert "cannot open directory '/root'" in refused.stderr
    assert server.machine.command("stat -c '%U %a' /var/lib/linkhold").stdout.strip() == "linkhold 700"
    role = server.machine.command(
        'runuser -u postgres -- psql -tAc "SELECT rolsuper, rolcreatedb, rolcreaterole FROM pg_roles'
        " WHERE rolname = 'linkhold'\""
    )
    assert role.stdout.strip() == "f|f|f"


@pytest.mark.parametrize("how", ["reload", "restart"])
def test_a_restart_under_load_loses_nothing(server: Server, how: str) -> None:
    with load(server, how) as working:
        for _ in range(3):
            time.sleep(1)
            server.machine.command(f"systemctl {how} linkhold")
        time.sleep(2)
        assert len(working.saved) > 20


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
        until = time.monotonic() + 60
        while time.monotonic() < until:
            try:
                if self.server.request("GET", "/readyz")[0] == 200:
                    return
            except (OSError, HTTPException):
                pass
            time.sleep(0.1)
        pytest.fail("it is not back by itself: " + self.server.machine.said()[-3000:])


@pytest.mark.timeout(120 + KILL_ROUNDS * 30)
def test_whatever_is_killed_is_back_by_itself_and_nothing_acknowledged_is_lost(server: Server) -> None:
    behind = Behind(server)
    writer = Writer(behind)
    chance = random.Random()
    for number in range(KILL_ROUNDS):
        what = list(KILLS)[number % len(KILLS)]
        before = len(writer.acknowledged)
        writer.start()
        try:
            time.sleep(chance.uniform(0.3, 0.9))
            server.machine.command(KILLS[what])
            behind.wait_ready()
        finally:
            writer.stop()
        assert len(writer.acknowledged) > before, f"nothing was saved around the end of {what}"
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


def test_the_doctor_finds_nothing_wrong_and_what_is_made_wrong(server: Server) -> None:
    healthy = server.machine.command("linkhold doctor --all").stdout
    assert ": no faults, no warnings." in healthy, healthy
    assert f"https://{NAME} answers, and is ready" in healthy
    site = "/etc/nginx/sites-available/linkhold"
    server.machine.command(f"sed -i 's/client_max_body_size 5m/client_max_body_size 1m/' {site}")
    server.machine.command("chmod 750 /var/lib/linkhold; systemctl reload nginx; sleep 1")
    ill = server.machine.command("linkhold doctor", check=False)
    assert ill.returncode == 1
    assert "Set client_max_body_size above LINKHOLD_MAX_BODY_SIZE" in ill.stdout
    assert "chmod 700 /var/lib/linkhold" in ill.stdout
    mended = server.machine.command(
        "chmod 700 /var/lib/linkhold; cd /srv/linkhold && deploy/install.sh --wheels /srv/wheels"
    )
    assert "first account" not in mended.stdout, "there is one"
    assert ": no faults" in server.machine.command("linkhold doctor").stdout


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


def test_people_and_programs_are_told_when_it_is_away(server: Server) -> None:
    server.machine.command("systemctl stop linkhold.service linkhold.socket")
    try:
        status, body, headers = server.request("GET", "/")
        assert status == 503
        assert b"Back in a moment" in body
        assert b'http-equiv="refresh"' in body
        assert headers["content-type"].startswith("text/html")
        assert is_guarded(headers)
        status, body, headers = server.request("POST", "/login", headers={})
        assert (status, b"Not sent yet" in body, b"http-equiv" in body) == (503, True, False)
        assert is_guarded(headers)
        status, body, headers = server.request("GET", "/api/v1/links")
        assert is_guarded(headers)
        assert (status, json.loads(body)["status"], headers["retry-after"]) == (503, 503, "5")
        assert headers["content-type"] == "application/problem+json"
    finally:
        server.machine.command("systemctl start linkhold.socket linkhold.service linkhold-worker.service")


def is_guarded(headers: dict[str, str]) -> bool:
    """Tell whether an answer of nginx's own has the headers that every answer has, each once."""
    policy = headers["content-security-policy"]
    return (
        headers["x-content-type-options"] == "nosniff"
        and policy.startswith("default-src 'none'")
        and policy.count("default-src") == 1
        and headers["strict-transport-security"].startswith("max-age=")
    )


def test_a_body_that_is_too_large_is_refused_and_a_long_address_is_not(server: Server) -> None:
    status, body, headers = server.request("POST", "/api/v1/links", {"url": "x" * 6_000_000})
    assert (status, json.loads(body)["status"], headers["content-type"]) == (
        413,
        413,
        "application/problem+json",
    )
    assert is_guarded(headers)
    status, body, headers = server.request("POST", "/login", {"url": "x" * 6_000_000})
    assert (status, b"This was refused" in body) == (413, True)
    assert is_guarded(headers)
    assert is_guarded(server.request("GET", "/api/v1/links")[2]), "Linkhold's own answers have them once too"
    url = "https://example.com/" + "a" * 8000
    assert server.request("POST", "/api/v1/links", {"url": url})[0] == 201


def test_logging_in_too_often_is_slowed(server: Server) -> None:
    form = {"Content-Type": "application/x-www-form-urlencoded", "Sec-Fetch-Site": "same-origin"}
    answers = [server.request("POST", "/login", {}, form) for _ in range(40)]
    refused = [headers for status, _, headers in answers if status == 429]
    assert len(refused) >= 10
    assert all(is_guarded(headers) for headers in refused)


def test_guessing_tokens_is_slowed_and_a_client_that_fills_a_library_is_not_refused(server: Server) -> None:
    statuses: list[int] = []
    until = time.monotonic() + 5

    def ask() -> None:
        connection = server.connection()
        while time.monotonic() < until:
            connection.request("GET", "/api/v1/links", headers={"Authorization": "Bearer lh_1_guessed"})
            answer = connection.getresponse()
            answer.read()
            statuses.append(answer.status)
        connection.close()

    guessers = [threading.Thread(target=ask) for _ in range(8)]
    for each in guessers:
        each.start()
    for each in guessers:
        each.join()
    assert len(statuses) < 5 * 330
    assert 429 not in statuses or 401 in statuses


def test_streams_are_not_held_back(server: Server) -> None:
    """The first lines come while the last are not read from the database yet."""
    fill = (
        "INSERT INTO links (owner_id, url, identity, identity_hash, identity_version, title, description,"
        " notes, tags, unread, archived, shared, created_at, changed_at, version, title_key, resembles,"
        " search)"
        " SELECT 1, url, url, sha256(url::bytea), 1, '', '', '', '{}', false, false, false, now(), now(), 1,"
        " '', 0, '@1'::tsvector FROM (SELECT 'https://example.com/stream/' || n AS url"
        " FROM generate_series(1, 20000) AS n) AS made"
    )
    server.machine.command(f"linkhold db psql -c {shlex.quote(fill)}")
    connection = server.connection()
    headers = {"Authorization": f"Bearer {server.token}", "Accept": "application/x-ndjson"}
    began = time.monotonic()
    connection.request("GET", "/api/v1/links", headers=headers)
    answer = connection.getresponse()
    assert answer.read(100)
    first = time.monotonic() - began
    assert answer.read().count(b"\n") > 20_000
    whole = time.monotonic() - began
    connection.close()
    assert answer.getheader("Transfer-Encoding") == "chunked"
    assert first < whole / 3, f"the first line came after {first:.2f} s of {whole:.2f} s"
    server.machine.command(
        "linkhold db psql -c \"DELETE FROM links WHERE url LIKE 'https://example.com/stream/%'\""
    )


def test_slow_clients_do_not_stop_others(server: Server) -> None:
    attack = [needs.program("slowhttptest"), "-c", "400", "-r", "200", "-l", "15", "-i", "3", "-p", "3"]
    attacks = [
        subprocess.Popen(
            [*attack, *kind, "-u", "https://127.0.0.1/api/v1/links"],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        for kind in (["-H"], ["-B"])
    ]
    try:
        time.sleep(4)
        slowest = 0.0
        for number in range(20):
            began = time.monotonic()
            url = f"https://example.com/slow/{number}"
            assert server.request("POST", "/api/v1/links", {"url": url}, source="127.0.0.2")[0] == 201
            slowest = max(slowest, time.monotonic() - began)
        assert slowest < 10
    finally:
        for each in attacks:
            each.terminate()
            each.wait(30)


def test_the_configuration_of_nginx_has_no_known_fault(server: Server) -> None:
    checker = Path(__file__).parents[2] / ".venv/bin/gixy"
    configuration = server.machine.tree / "etc/nginx/sites-available/linkhold"
    found = subprocess.run([checker, configuration], capture_output=True, text=True, check=False)
    assert "No issues found" in found.stdout, found.stdout


def test_tls_is_as_it_should_be(server: Server, tmp_path: Path) -> None:
    """By sslyze, against Mozilla's intermediate profile; the authority is ours, so its trust is not asked."""
    del server
    program, told = Path(__file__).parents[2] / ".venv/bin/sslyze", tmp_path / "told.json"
    subprocess.run(
        [program, "--sni", NAME, f"--json_out={told}", "--quiet", "127.0.0.1:443"],
        capture_output=True,
        check=False,
    )
    found = json.loads(told.read_bytes())["server_scan_results"][0]["scan_result"]
    for old in ("ssl_2_0", "ssl_3_0", "tls_1_0", "tls_1_1"):
        assert not found[f"{old}_cipher_suites"]["result"]["accepted_cipher_suites"], old
    for new in ("tls_1_2", "tls_1_3"):
        accepted = found[f"{new}_cipher_suites"]["result"]["accepted_cipher_suites"]
        assert accepted
        for suite in accepted:
            assert suite["cipher_suite"]["key_size"] >= 128
            assert "ECDHE" in suite["cipher_suite"]["name"] or new == "tls_1_3"
    assert not found["heartbleed"]["result"]["is_vulnerable_to_heartbleed"]
    assert not found["tls_compression"]["result"]["supports_compression"]
    assert not found["session_renegotiation"]["result"]["is_vulnerable_to_client_renegotiation_dos"]


def test_the_postman_collection_runs_through_nginx(server: Server) -> None:
    newman = Path(__file__).parents[1] / "outside/newman/node_modules/newman/bin/newman.js"
    collection = Path(__file__).parents[2] / "postman/linkhold.postman_collection.json"
    done = subprocess.run(
        [
            *(needs.program("node", "nodejs"), newman, "run", collection, "--insecure", "--bail"),
            *("--env-var", "baseUrl=https://localhost", "--env-var", f"token={server.token}"),
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-3000:]


def test_three_minutes_of_load_bring_no_error_and_no_growth(server: Server) -> None:
    pid = int(server.machine.command("systemctl show --property MainPID --value linkhold").stdout)
    inside = [each for each in psutil.process_iter(["name"]) if each.name() == "linkhold"]
    assert pid
    with load(server, "soak") as working:
        time.sleep(30)
        early = memory(inside)
        time.sleep(SOAK_SECONDS - 30)
        late = memory(inside)
    rate = len(working.saved) / SOAK_SECONDS
    print(f"soak: {rate:.0f} saves a second, memory {early / MEBIBYTE:.0f} to {late / MEBIBYTE:.0f} MiB")  # noqa: T201
    assert late - early < 20 * MEBIBYTE


def memory(processes: list[psutil.Process]) -> int:
    return sum(each.memory_info().rss for each in processes if each.is_running())


def test_gunicorn_serves_the_same_one_option_apart(server: Server) -> None:
    server.machine.command("cd /srv/linkhold && deploy/install.sh --server gunicorn --wheels /srv/wheels")
    shown = server.machine.command("systemctl status --no-pager linkhold").stdout
    assert "gunicorn" in shown
    with load(server, "gunicorn"):
        time.sleep(1)
        server.machine.command("systemctl restart linkhold")
        time.sleep(2)


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


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ("--database mysql", "--database is debian or embedded, not mysql"),
        ("--tls none", "--tls is certbot or local, not none"),
        ("--nonsense", "unknown option --nonsense"),
        (
            "--domain https://links.example",
            "--domain is a name like links.example, not https://links.example",
        ),
        ("--domain", "--domain wants a value"),
        ("--wheels /nowhere", "there is no directory /nowhere"),
        ("--email you", "--email is an address like you@example.org, not you"),
    ],
)
def test_what_cannot_be_meant_is_refused_in_a_sentence(server: Server, arguments: str, sentence: str) -> None:
    done = server.machine.command(f"cd /srv/linkhold && deploy/install.sh {arguments}", check=False)
    assert done.returncode == 1
    assert sentence in done.stderr


@pytest.mark.parametrize("where", ["/srv/linkhold/deploy", "/"])
def test_helpful_words_come_before_root_wherever_one_stands(server: Server, where: str) -> None:
    script = {"/": "srv/linkhold/deploy/install.sh"}.get(where, "./install.sh")
    done = server.machine.command(f"cd {where} && {script} --help")
    assert "--domain NAME" in done.stdout
    assert "set -eu" not in done.stdout
