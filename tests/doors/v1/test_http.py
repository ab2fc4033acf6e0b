"""What HTTP offers beside the API: compression, timing, scripts of other sites."""

from __future__ import annotations

import gzip
import zlib
from dataclasses import replace

import pytest
from flask.testing import FlaskClient

from linkhold import config
from linkhold.app import create_app
from linkhold.errors import InvalidSetting
from linkhold.runtime import Runtime

SITE = "https://app.example"


@pytest.fixture
def open_to_site(runtime: Runtime) -> FlaskClient:
    settings = config.load({"LINKHOLD_CORS_ORIGINS": f"{SITE}, http://localhost:3000"})
    return create_app(replace(runtime, settings=settings)).test_client()


def test_a_long_answer_is_compressed_for_who_takes_it(
    client: FlaskClient, authorized: dict[str, str]
) -> None:
    for number in range(5):
        client.post(
            "/api/v1/links",
            json={"url": f"https://a.example/{number}", "notes": "x" * 500},
            headers=authorized,
        )
    plain = client.get("/api/v1/links", headers=authorized)
    packed = client.get("/api/v1/links", headers=authorized | {"Accept-Encoding": "br, gzip"})
    assert "Content-Encoding" not in plain.headers
    assert packed.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed.data) == plain.data
    assert "Accept-Encoding" in plain.headers["Vary"]
    assert int(packed.headers["Content-Length"]) == len(packed.data) < len(plain.data) / 4


def test_a_short_answer_is_not(client: FlaskClient, authorized: dict[str, str]) -> None:
    answer = client.get("/api/v1/account", headers=authorized | {"Accept-Encoding": "gzip"})
    assert "Content-Encoding" not in answer.headers


def test_a_stream_is_compressed_as_it_goes(client: FlaskClient, authorized: dict[str, str]) -> None:
    client.post("/api/v1/links", json={"url": "https://a.example/"}, headers=authorized)
    headers = authorized | {"Accept": "application/x-ndjson", "Accept-Encoding": "gzip"}
    answer = client.get("/api/v1/links", headers=headers)
    pieces = list(answer.iter_encoded())
    opened = zlib.decompressobj(wbits=31)
    assert opened.decompress(pieces[0]).endswith(b"}\n"), (
        "the first piece can be read before the rest is there"
    )
    assert "https://a.example/" in gzip.decompress(b"".join(pieces)).decode()


def test_an_answer_says_how_long_it_took(client: FlaskClient, authorized: dict[str, str]) -> None:
    timing = client.get("/api/v1/account", headers=authorized).headers["Server-Timing"]
    assert float(timing.removeprefix("app;dur=")) > 0


def test_by_default_no_other_site_may_use_the_api(client: FlaskClient, authorized: dict[str, str]) -> None:
    asked = {"Origin": SITE, "Access-Control-Request-Method": "POST"}
    assert client.options("/api/v1/links", headers=asked).status_code in {401, 405}
    answer = client.get("/api/v1/links", headers=authorized | {"Origin": SITE})
    assert "Access-Control-Allow-Origin" not in answer.headers


def test_a_site_that_is_named_may(open_to_site: FlaskClient, authorized: dict[str, str]) -> None:
    asked = {"Origin": SITE, "Access-Control-Request-Method": "POST"}
    answer = open_to_site.options("/api/v1/links", headers=asked)
    assert answer.status_code == 204
    assert answer.headers["Access-Control-Allow-Origin"] == SITE
    assert "Authorization" in answer.headers["Access-Control-Allow-Headers"]
    answer = open_to_site.get("/api/v1/links", headers=authorized | {"Origin": SITE})
    assert answer.headers["Access-Control-Allow-Origin"] == SITE
    refused = open_to_site.get("/api/v1/links", headers=authorized | {"Origin": "https://evil.example"})
    assert "Access-Control-Allow-Origin" not in refused.headers
    assert "Origin" in refused.headers["Vary"]


def test_the_pages_are_never_shared(open_to_site: FlaskClient) -> None:
    answer = open_to_site.get("/login", headers={"Origin": SITE})
    assert "Access-Control-Allow-Origin" not in answer.headers


@pytest.mark.parametrize("value", ["*", "app.example", "https://app.example/path", "null"])
def test_what_is_no_origin_stops_the_start(value: str) -> None:
    with pytest.raises(InvalidSetting):
        config.load({"LINKHOLD_CORS_ORIGINS": value})
