"""Whose word counts about a client: only that of a proxy which the setting names."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from flask import request
from flask.testing import FlaskClient

from linkhold import config
from linkhold.app import create_app
from linkhold.errors import InvalidSetting
from linkhold.runtime import Runtime

TOLD = {"X-Forwarded-For": "203.0.113.9", "X-Forwarded-Proto": "https", "X-Request-Id": "from-the-proxy-1"}


@pytest.fixture
def make_client(runtime: Runtime) -> Callable[..., FlaskClient]:
    def make(**settings: str) -> FlaskClient:
        environ = {config.variable(name): value for name, value in settings.items()}
        app = create_app(replace(runtime, settings=config.load(environ)))
        app.before_request_funcs.setdefault(None, []).append(_show)
        return app.test_client()

    return make


def _show() -> dict[str, str] | None:
    if request.path != "/healthz":
        return None
    return {"address": request.remote_addr or "", "scheme": request.scheme, "host": request.host}


@pytest.mark.parametrize(
    ("trusted", "peer", "believed"),
    [
        ("", "127.0.0.1", False),
        ("127.0.0.1", "127.0.0.1", True),
        ("127.0.0.1", "127.0.0.2", False),
        ("10.0.0.0/8,::1", "::1", True),
        ("10.0.0.0/8,::1", "10.1.2.3", True),
        ("10.0.0.0/8", "::ffff:10.1.2.3", True),
        ("10.0.0.0/8", "", False),
        ("unix", "", True),
        ("unix", "192.0.2.1", False),
    ],
)
def test_a_proxy_is_believed_when_the_setting_names_it(
    make_client: Callable[..., FlaskClient], trusted: str, peer: str, *, believed: bool
) -> None:
    client = make_client(trusted_proxies=trusted)
    answer = client.get("/healthz", headers=TOLD, environ_base={"REMOTE_ADDR": peer})
    shown = answer.get_json()
    assert (shown["address"], shown["scheme"]) == (("203.0.113.9", "https") if believed else (peer, "http"))
    assert (answer.headers["X-Request-Id"] == TOLD["X-Request-Id"]) is believed


def test_of_several_addresses_only_the_one_that_the_proxy_saw_counts(
    make_client: Callable[..., FlaskClient],
) -> None:
    client = make_client(trusted_proxies="127.0.0.1")
    answer = client.get("/healthz", headers={"X-Forwarded-For": "198.51.100.1, 203.0.113.9"})
    assert answer.get_json()["address"] == "203.0.113.9"


@pytest.mark.parametrize(
    "identifier", ["short", "x" * 65, "with a space in it", 'quote"quote"', "ünïcode-id"]
)
def test_an_odd_request_id_is_not_taken_over(
    make_client: Callable[..., FlaskClient], identifier: str
) -> None:
    client = make_client(trusted_proxies="127.0.0.1")
    answer = client.get("/healthz", headers={"X-Request-Id": identifier})
    assert answer.headers["X-Request-Id"] != identifier


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("links.example", 200),
        ("links.example:8443", 200),
        ("a.ours.example", 200),
        ("localhost", 200),
        ("evil.example", 400),
        ("links.example.evil.example", 400),
        ("127.0.0.1", 400),
    ],
)
def test_another_host_name_than_those_of_the_setting_is_refused(
    make_client: Callable[..., FlaskClient], host: str, status: int
) -> None:
    client = make_client(hosts="links.example,.ours.example")
    for path in ("/healthz", "/api/v1/openapi.json", "/login"):
        assert client.get(path, headers={"Host": host}).status_code == status


def test_any_host_name_will_do_without_the_setting(client: FlaskClient) -> None:
    assert client.get("/healthz", headers={"Host": "whatever.example"}).status_code == 200


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("trusted_proxies", "everyone"),
        ("trusted_proxies", "10.0.0.1/8"),
        ("hosts", "https://links.example"),
        ("public_url", "links.example"),
        ("public_url", "https://links.example/path"),
    ],
)
def test_a_setting_that_cannot_be_meant_stops_the_start(name: str, value: str) -> None:
    with pytest.raises(InvalidSetting, match=config.variable(name)):
        config.load({config.variable(name): value})
