"""What stands in front of it: nginx's configuration, and the certificate that it shows."""

from __future__ import annotations

import re
from functools import partial

from install.conftest import NAME, UPDATE, Server
from patience import until

SITE = "/etc/nginx/sites-available/linkhold"
TLS = "/etc/linkhold/tls"


def test_the_certificate_pleases_who_is_strict_and_its_authority_is_for_this_name_alone(
    server: Server,
) -> None:
    """As Python's clients are since 3.13."""
    command = server.machine.command
    strict = "openssl verify -x509_strict -purpose sslserver"
    command(f"{strict} -verify_hostname {NAME} -CAfile {TLS}/authority.pem {TLS}/certificate.pem")
    command(
        f"cd /tmp && openssl req -new -key {TLS}/key.pem -subj /CN=x -addext subjectAltName=DNS:bank.example"
        f" | openssl x509 -req -CA {TLS}/authority.pem -CAkey {TLS}/authority.key -CAcreateserial"
        " -copy_extensions copy -out bank.pem"
    )
    refused = command(f"openssl verify -CAfile {TLS}/authority.pem /tmp/bank.pem", check=False)
    assert "permitted subtree violation" in refused.stderr


def test_what_was_changed_in_nginxs_configuration_is_kept_beside_it_and_that_is_said(server: Server) -> None:
    command = server.machine.command
    assert "changed by hand" not in command(UPDATE).stderr
    before = command(f"cat {SITE}").stdout
    command(f"echo '# mine' >>{SITE}")
    assert f"what was there is kept as {SITE}.yours" in command(UPDATE).stderr
    assert command(f"cat {SITE}").stdout == before
    assert command(f"cat {SITE}.yours").stdout == f"{before}# mine\n"


def test_a_site_of_ones_own_that_came_later_stays(server: Server) -> None:
    """Debian's welcome page of the same name goes at the first installation."""
    command, default = server.machine.command, "/etc/nginx/sites-enabled/default"
    command(f"test ! -e {default} && ln -s ../sites-available/default {default}")
    command(UPDATE)
    command(f"test -e {default} && rm {default} && systemctl reload nginx")


def test_where_lets_encrypt_gives_no_certificate_all_else_is_ready_and_what_to_do_is_said(
    server: Server,
) -> None:
    command = server.machine.command
    command(
        "mkdir -p /srv/fake && printf '#!/bin/sh\nexit 1\n' >/srv/fake/certbot && chmod +x /srv/fake/certbot"
    )
    failed = command(
        f"export PATH=/srv/fake:$PATH; {UPDATE} --tls certbot --email you@example.org", check=False
    )
    assert failed.returncode == 1
    assert f"Linkhold is at https://{NAME}/" in failed.stdout
    assert f"does {NAME} lead here, and is port 80 open" in failed.stderr
    assert server.request("GET", "/readyz")[0] == 200
    # Who trusts the authority sees nothing wrong with it, and every browser does.
    words = "only stands in until Let's Encrypt gives one"
    until(partial(server.is_told_by_the_doctor, words, faults=1))
    command(f"{UPDATE} --tls local")


def test_what_another_site_does_wrong_is_not_made_up_for_by_ours(server: Server) -> None:
    command = server.machine.command
    before = command(f"cat {SITE}").stdout
    command("echo 'nonsense;' >/etc/nginx/conf.d/broken.conf")
    failed = command(UPDATE, check=False)
    assert failed.returncode == 1
    assert "nginx refuses its configuration" in failed.stderr
    assert command(f"cat {SITE}; test -e /etc/nginx/sites-enabled/linkhold").stdout == before
    command("rm /etc/nginx/conf.d/broken.conf; systemctl reload nginx")
    assert server.request("GET", "/readyz")[0] == 200


def test_what_nginx_refuses_does_not_stay_and_the_next_run_makes_up_for_it(server: Server) -> None:
    command = server.machine.command
    before = command(f"cat {SITE}").stdout
    command("echo 'nonsense;' >/etc/nginx/conf.d/broken.conf")
    command("echo '# changed' >>/srv/linkhold/deploy/nginx/linkhold.conf")
    failed = command(UPDATE, check=False)
    assert failed.returncode == 1
    assert "nginx refuses its configuration" in failed.stderr
    assert command(f"cat {SITE}").stdout == before
    command("rm /etc/nginx/conf.d/broken.conf; systemctl stop nginx")
    command(UPDATE)
    assert "# changed" in command(f"cat {SITE}").stdout
    assert server.request("GET", "/readyz")[0] == 200


def test_another_name_and_a_certificate_that_ends_are_seen_to(server: Server) -> None:
    command = server.machine.command
    command(
        "cd /etc/linkhold/tls && openssl req -new -key key.pem -subj /CN=x | openssl x509 -req -days 9"
        " -CA authority.pem -CAkey authority.key -CAcreateserial -out certificate.pem &&"
        " systemctl reload nginx"
    )
    until(partial(server.is_told_by_the_doctor, "deploy/install.sh makes a new one"))
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
    until(partial(server.is_told_by_the_doctor, ": no faults, no warnings."))


def test_a_certificate_of_lets_encrypt_is_linked_whenever_it_is_there(server: Server) -> None:
    """Also when a run broke off after the certificate came."""
    command, live = server.machine.command, f"/etc/letsencrypt/live/{NAME}"
    command(f"mkdir -p {live} && cd /etc/linkhold/tls && cp certificate.pem {live}/fullchain.pem")
    command(f"cp /etc/linkhold/tls/key.pem {live}/privkey.pem")
    for _ in range(2):
        command(f"{UPDATE} --tls certbot --email you@example.org")
        assert command("readlink /etc/linkhold/tls/certificate.pem").stdout.strip() == f"{live}/fullchain.pem"
        assert server.request("GET", "/readyz")[0] == 200
        command(f"rm /etc/linkhold/tls/key.pem && cp {live}/privkey.pem /etc/linkhold/tls/key.pem")
    # What certbot runs when it has renewed it, whoever asked for it first.
    command("/etc/letsencrypt/renewal-hooks/deploy/linkhold")
    command(f"{UPDATE} --tls local")
    command("test ! -L /etc/linkhold/tls/certificate.pem")
    assert server.request("GET", "/readyz")[0] == 200
