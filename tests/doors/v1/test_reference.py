"""The reference of the API, as a page for people."""

from __future__ import annotations

import html
import json
import re

from flask.testing import FlaskClient


def test_the_page_has_every_operation_with_its_parameters_and_answers(client: FlaskClient) -> None:
    document = client.get("/api/v1/openapi.json").get_json()
    page = client.get("/api/v1/docs").text
    for path, operations in document["paths"].items():
        for operation in operations.values():
            section = page.partition(f'<section class="operation" id="{operation["operationId"]}"')[2]
            section = section.partition("</section>")[0]
            assert html.escape(operation["summary"]) in section
            assert html.escape(path) in section
            for parameter in operation["parameters"]:
                assert f"<code>{parameter['name']}</code>" in section
            for status in operation["responses"]:
                assert section.count(f"<li><code>{status}</code>") == 1


def test_every_shape_is_there_and_every_link_leads_to_one(client: FlaskClient) -> None:
    document = client.get("/api/v1/openapi.json").get_json()
    page = client.get("/api/v1/docs").text
    places = re.findall(r' id="([^"]+)"', page)
    assert set(document["components"]["schemas"]) <= set(places)
    assert len(places) == len(set(places))
    assert set(re.findall(r'href="#([^"]+)"', page)) <= set(places)


def test_the_example_of_a_save_can_be_pasted(client: FlaskClient, authorized: dict[str, str]) -> None:
    page = html.unescape(client.get("/api/v1/docs").text)
    body = (
        page.partition("curl -X POST http://localhost/api/v1/links ")[2]
        .partition("-d '")[2]
        .partition("'<")[0]
    )
    answer = client.post("/api/v1/links", json=json.loads(body), headers=authorized)
    assert answer.status_code == 201


def test_the_page_has_one_title_and_no_markdown(client: FlaskClient) -> None:
    page = client.get("/api/v1/docs").text
    assert page.count("<h1") == 1
    assert "`" not in page
    assert "None" not in page.replace("If-None-Match", "")


def test_the_page_leads_to_the_document(client: FlaskClient) -> None:
    assert '<a href="/api/v1/openapi.json">OpenAPI document</a>' in client.get("/api/v1/docs").text
