"""What holds for every route there is: closed by default, hardened, and safe from other sites."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.routing import Rule

from conftest import PASSWORD
from linkhold.accounts.models import Account
from linkhold.doors import envelope, identify
from linkhold.errors import DatabaseAway

# What a stranger may ask for; each has its reason. The list is meant to stay short.
OPEN = {
    "ops.healthz": "a load balancer asks it",
    "ops.numbers": "asks for a key of its own, which works while the database is away",
    "ops.readyz": "a load balancer asks it",
    "v1.openapi_document": "a description of the interface, the same for all",
    "v1.reference": "a description of the interface, the same for all",
    "web.kept": "a page that says that there is no network",
    "web.login": "it is where one says who one is",
    "web.manifest": "what makes the pages an application, the same for all",
    "web.offline": "a page that says that there is no network",
    "web.service_worker": "a script, the same for all",
    "web.pair": "closed by its one-time code",
    "web.private_feed": "closed by the secret in its address",
    "web.public_feed": "shared links alone, of an account that chose to have it",
    "web.public_page": "shared links alone, of an account that chose to have it",
    "web.setup": "closed by its one-time code",
    "web.show_pairing": "closed by its one-time code",
    "web.static_file": "the log-in page is drawn with it",
}


def example(rule: Rule) -> str:
    """Return a path that a rule matches."""
    path = rule.rule
    for argument in rule.arguments:
        path = path.replace(f"<id:{argument}>", "1").replace(f"<{argument}>", "x")
    assert "<" not in path, f"say here how {rule.rule} is asked for"
    return path


def requests(app: Flask) -> list[tuple[Rule, str, str]]:
    return [
        (rule, method, example(rule))
        for rule in app.url_map.iter_rules()
        for method in sorted(rule.methods or ())
    ]


def test_a_route_that_is_not_on_the_short_list_answers_no_stranger(app: Flask, client: FlaskClient) -> None:
    for rule, method, path in requests(app):
        answer = client.open(path, method=method)
        if rule.endpoint in OPEN:
            continue
        refused = answer.status_code == 401 or "/login" in answer.headers.get("Location", "")
        assert refused, f"{method} {path} answered {answer.status_code} to nobody"


def test_the_short_list_is_the_one_that_is_applied(app: Flask) -> None:
    assert set(OPEN) == identify.OPEN
    assert set(OPEN) <= set(app.view_functions)


@pytest.mark.parametrize(
    "credentials",
    [
        "Bearer ",
        "Bearer lh_1_" + "0" * 40,
        "Bearer lh_99999999999999999999_" + "0" * 40,
        "Bearer lhs_1_" + "0" * 40,
        "Bearer \xff\xfe",
        "Basic ",
        "Basic !!!",
        "Basic bm8tY29sb24=",
        "Basic OjA=",
        "Basic AAA6AAA=",
        "Token abc",
        "Digest username=ada",
        "",
    ],
)
def test_credentials_that_are_none_are_401(client: FlaskClient, credentials: str) -> None:
    assert client.get("/links", headers={"Authorization": credentials}).status_code == 401


def test_every_answer_carries_the_security_headers(app: Flask, client: FlaskClient) -> None:
    for _, method, path in [*requests(app), (None, "GET", "/nothing")]:
        headers = client.open(path, method=method).headers
        for name in envelope.SECURITY_HEADERS:
            assert name in headers, f"{method} {path} lacks {name}"
        assert "unsafe" not in headers["Content-Security-Policy"]


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://localhost.evil.example"},
    ],
)
def test_another_site_cannot_make_a_browser_write(
    app: Flask, client: FlaskClient, account: Account, headers: dict[str, str]
) -> None:
    """A browser that remembers HTTP Basic credentials sends them with any site's request."""
    for rule, method, path in requests(app):
        if method in identify.SAFE_METHODS:
            continue
        answer = client.open(path, method=method, headers=headers, auth=(account.name, PASSWORD))
        assert answer.status_code == 403, f"{method} {rule.rule} was carried out for another site"


@pytest.mark.parametrize(
    "headers",
    [{"Sec-Fetch-Site": "same-origin"}, {"Sec-Fetch-Site": "none"}, {"Origin": "http://localhost"}, {}],
)
def test_ones_own_pages_and_programs_can_write(
    client: FlaskClient, account: Account, headers: dict[str, str]
) -> None:
    answer = client.post(
        "/links", json={"url": "https://a.example/"}, headers=headers, auth=(account.name, PASSWORD)
    )
    assert answer.status_code == 200


def test_a_bearer_token_works_from_any_site(
    client: FlaskClient, account: Account, make_token: Callable[..., str]
) -> None:
    """A browser does not attach it by itself: whoever sends it has it."""
    headers = {"Authorization": f"Bearer {make_token(account)}", "Origin": "https://shortcuts.example"}
    assert client.post("/links", json={"url": "https://a.example/"}, headers=headers).status_code == 200


@pytest.mark.usefixtures("one_moment")
def test_guessing_a_password_is_slowed_and_a_token_still_works(
    client: FlaskClient, account: Account, make_token: Callable[..., str]
) -> None:
    statuses = [client.get("/links", auth=(account.name, f"wrong{n}")).status_code for n in range(14)]
    assert statuses[:10] == [401] * 10
    assert 429 in statuses
    answer = client.get("/links", auth=(account.name, PASSWORD))
    assert (answer.status_code, int(answer.headers["Retry-After"]) >= 1) == (429, True)
    headers = {"Authorization": f"Bearer {make_token(account)}"}
    assert client.get("/links", headers=headers).status_code == 200


def test_a_fault_of_our_own_is_a_500_that_tells_nothing(
    app: Flask, client: FlaskClient, authorized: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail() -> None:
        raise RuntimeError("the secret inside")

    for view, path in (("v1.list_links", "/api/v1/links"), ("ops.healthz", "/healthz")):
        monkeypatch.setitem(app.view_functions, view, fail)
        answer = client.get(path, headers=authorized)
        assert (answer.status_code, answer.mimetype) == (500, "application/problem+json")
        assert b"secret" not in answer.data


def test_while_the_database_is_away_it_is_503_with_retry_after(
    app: Flask, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away() -> None:
        raise DatabaseAway

    monkeypatch.setitem(app.view_functions, "ops.readyz", away)
    answer = client.get("/readyz")
    assert (answer.status_code, answer.mimetype) == (503, "application/problem+json")
    assert int(answer.headers["Retry-After"]) > 0
