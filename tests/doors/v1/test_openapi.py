"""The OpenAPI document: it is one, it has every route, and it agrees with the code."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from openapi_spec_validator import validate

from linkhold.doors.v1 import shapes


def document(client: FlaskClient) -> dict[str, Any]:
    answer = client.get("/api/v1/openapi.json")
    assert answer.status_code == 200
    loaded: dict[str, Any] = answer.get_json()
    return loaded


def test_it_is_valid_openapi_3_1(client: FlaskClient) -> None:
    loaded = document(client)
    assert loaded["openapi"].startswith("3.1.")
    validate(loaded)


def test_every_route_of_the_api_is_in_it(app: Flask, client: FlaskClient) -> None:
    documented = {
        operation["operationId"] for path in document(client)["paths"].values() for operation in path.values()
    }
    routes = {
        rule.endpoint.removeprefix("v1.")
        for rule in app.url_map.iter_rules()
        if rule.endpoint.startswith("v1.")
    }
    assert documented == routes - {"openapi_document", "reference"}


def test_every_route_of_the_api_is_in_its_guide(client: FlaskClient) -> None:
    page = (Path(__file__).parents[3] / "docs/api.md").read_text(encoding="utf-8")
    for path in document(client)["paths"]:
        named = re.sub(r"{\w+}", "ID", path.replace("{change_id}", "CHANGE"))
        # Of neighbours the table has the first whole, and the end of the others.
        assert named in page or f"`/{named.rpartition('/')[2]}`" in page, path


def test_every_operation_says_what_it_does_and_what_can_go_wrong(client: FlaskClient) -> None:
    for path in document(client)["paths"].values():
        for operation in path.values():
            assert operation["summary"]
            assert {"401", "403", "429", "503"} <= set(operation["responses"])


def test_every_operation_has_an_example_that_fits_its_shape(app: Flask, client: FlaskClient) -> None:
    for rule in app.url_map.iter_rules():
        described = getattr(app.view_functions[rule.endpoint], "operation", None)
        if described is None:
            continue
        models = [model for model in (described.body, *described.answers.values()) if model is not None]
        for model in models:
            (example,) = model.model_json_schema()["examples"]
            model.model_validate_json(json.dumps(example))
        assert models or set(described.answers) == {204}, rule.rule
    assert document(client)["components"]["schemas"]["PageShape"]["examples"]


def test_every_parameter_has_an_example_that_is_taken(app: Flask, client: FlaskClient) -> None:
    for path in document(client)["paths"].values():
        for operation in path.values():
            assert all("example" in parameter for parameter in operation["parameters"]), operation
    queries = {
        described.query
        for view in app.view_functions.values()
        if (described := getattr(view, "operation", None)) is not None and described.query is not None
    }
    assert len(queries) > 5
    for query in queries:
        properties = query.model_json_schema()["properties"]
        query.model_validate({name: str(each["examples"][0]) for name, each in properties.items()})


def test_a_problem_has_an_example_as_it_is_sent(client: FlaskClient, authorized: dict[str, str]) -> None:
    (example,) = document(client)["components"]["schemas"]["ProblemShape"]["examples"]
    sent = client.post("/api/v1/links", json={"url": "https://a.example/", "titel": "A"}, headers=authorized)
    assert sent.get_json() | {"request_id": example["request_id"]} == example


def test_the_shape_of_a_link_is_what_is_sent(client: FlaskClient, authorized: dict[str, str]) -> None:
    saved = client.post("/api/v1/links", json={"url": "https://a.example/"}, headers=authorized).get_json()
    assert set(saved) == set(shapes.LinkShape.model_fields)
    shapes.LinkShape.model_validate(saved)
