"""A server of one's own, installed for real: what is served, how it is boxed, and what is refused."""

from __future__ import annotations

import json
import re
import subprocess
from functools import partial
from pathlib import Path

import pytest

import needs
from install.conftest import NAME, Server
from patience import until


def test_it_serves_by_its_name_over_tls_and_is_safe_to_ask(server: Server) -> None:
    status, body, headers = server.request("POST", "/links", {"url": "https://example.com/first"})
    assert (status, json.loads(body)) == (200, ["https://example.com/first"])
    assert headers["strict-transport-security"].startswith("max-age=")
    assert "nginx/" not in headers["server"]
    # The id by which the log tells of a request is the one that nginx made; lines are written a moment later.
    until(lambda: headers["x-request-id"] in server.machine.said())
    plain = subprocess.run(
        ["curl", "-si", "--connect-to", f"{NAME}:80:127.0.0.1:80", f"http://{NAME}/links?a=b"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert " 308 " in plain.splitlines()[0]
    assert f"location: https://{NAME}/links?a=b" in plain.lower()


def test_browsers_are_spoken_to_by_http_2(server: Server) -> None:
    told = subprocess.run(
        [
            *("curl", "-s", "--cacert", server.authority, "--connect-to", f"{NAME}:443:127.0.0.1:443"),
            *("-o", "/dev/null", "-w", "%{http_version} %{http_code}", f"https://{NAME}/login"),
        ],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert told == "2 200"


def test_what_is_searched_and_one_time_codes_stand_in_no_log(server: Server) -> None:
    feed = f"lhf_1_{'5ec2e7' * 7:.40}"
    asked = ["/?q=5ec2e7", "/setup?code=5ec2e7", "/pair?code=5ec2e7", f"/feed/{feed}"]
    command = server.machine.command
    for path in asked:
        server.request("GET", path)
    # What went wrong would be logged with its address.
    command("systemctl stop linkhold.service linkhold.socket")
    try:
        assert [server.request("GET", path)[0] for path in asked[1:]] == [503] * 3
    finally:
        command("systemctl start linkhold.socket linkhold.service linkhold-worker.service")
    logs = command("cat /var/log/nginx/access.log /var/log/nginx/error.log; journalctl --no-pager").stdout
    assert '"GET /setup HTTP/1.1" 503' in logs
    assert "5ec2e7" not in logs


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
    rights = "SELECT rolsuper, rolcreatedb, rolcreaterole FROM pg_roles WHERE rolname = 'linkhold'"
    assert server.machine.command(f'linkhold db psql -tAc "{rights}"').stdout.strip() == "f|f|f"


def test_the_doctor_finds_nothing_wrong_and_what_is_made_wrong(server: Server) -> None:
    healthy = server.machine.command("linkhold doctor --all").stdout
    assert ": no faults, no warnings." in healthy, healthy
    assert f"https://{NAME} answers, and is ready" in healthy
    site = "/etc/nginx/sites-available/linkhold"
    server.machine.command(f"sed -i 's/client_max_body_size 5m/client_max_body_size 1m/' {site}")
    server.machine.command("chmod 750 /var/lib/linkhold; systemctl reload nginx")
    # It goes on by what it had until its processes have taken the new.
    words = "Set client_max_body_size above LINKHOLD_MAX_BODY_SIZE"
    until(partial(server.is_told_by_the_doctor, words, faults=1))
    assert server.is_told_by_the_doctor("chmod 700 /var/lib/linkhold", faults=1)
    mended = server.machine.command(
        "chmod 700 /var/lib/linkhold; cd /srv/linkhold && deploy/install.sh --wheels /srv/wheels"
    )
    assert "first account" not in mended.stdout, "there is one"
    until(partial(server.is_told_by_the_doctor, ": no faults"))


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
        ("--domain 192.168.1.5", "192.168.1.5 is an address"),
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
