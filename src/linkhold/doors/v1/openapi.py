"""The OpenAPI 3.1 document of `/api/v1`, made from the routes and their shapes.

OpenAPI 3.1 takes JSON Schema 2020-12 as it is, and pydantic writes that; what is left is to
arrange it. Each view says beside itself, by `operation`, what its code does not.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, TypeVar

from flask import Flask
from pydantic import BaseModel
from pydantic.json_schema import models_json_schema
from werkzeug.routing import Rule

import linkhold
from linkhold.doors.v1 import shapes

View = TypeVar("View", bound=Callable[..., Any])
Json = dict[str, Any]

REF = "#/components/schemas/{model}"
# Any operation can be answered so: wrong credentials, a missing scope, too many attempts, no database.
EVERYWHERE = (401, 403, 429, 503)
EXAMPLES: Mapping[str, object] = {
    "link_id": 17,
    "change_id": 31,
    "batch_id": 4,
    "item_id": 5,
    "search_id": 2,
    "If-Match": '"1"',
    "If-None-Match": '"1"',
    "Idempotency-Key": "8e03978e-40d5-43dd-bc93-6894a57f9324",
}
"""What stands in paths and headers, by name; queries and bodies have their examples beside them."""
PARAMETER = re.compile(r"<(?:\w+:)?(\w+)>")


@dataclass(frozen=True, slots=True)
class Operation:
    """What a view takes and answers."""

    answers: Mapping[int, type[BaseModel] | None]
    body: type[BaseModel] | None = None
    query: type[BaseModel] | None = None
    problems: tuple[int, ...] = ()
    headers: Mapping[str, str] = field(default_factory=dict)
    tells: Mapping[str, str] = field(default_factory=dict)
    """Headers that some answers have."""
    media: tuple[str, ...] = ()
    """Other types than JSON in which the answer can be had."""
    patch: bool = False
    """Whether the body may come as a merge patch (RFC 7396)."""


def operation(
    *,
    answers: Mapping[int, type[BaseModel] | None],
    body: type[BaseModel] | None = None,
    query: type[BaseModel] | None = None,
    problems: tuple[int, ...] = (),
    headers: Mapping[str, str] | None = None,
    tells: Mapping[str, str] | None = None,
    media: tuple[str, ...] = (),
    patch: bool = False,
) -> Callable[[View], View]:
    """Say what a view takes and answers; its docstring says the rest."""

    def mark(view: View) -> View:
        described = Operation(answers, body, query, problems, headers or {}, tells or {}, media, patch)
        view.operation = described  # type: ignore[attr-defined]
        return view

    return mark


def document(app: Flask) -> Json:
    """Return the OpenAPI document of an application's routes below `/api/v1`."""
    paths: dict[str, Json] = {}
    models: dict[str, type[BaseModel]] = {"ProblemShape": shapes.ProblemShape}
    for rule in app.url_map.iter_rules():
        described = getattr(app.view_functions[rule.endpoint], "operation", None)
        if described is None:
            continue
        view = app.view_functions[rule.endpoint]
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            path = PARAMETER.sub(r"{\1}", rule.rule)
            paths.setdefault(path, {})[method.lower()] = _operation(rule, view, described)
        # A query is described by its parameters; only bodies and answers are schemas.
        for model in (described.body, *described.answers.values()):
            if model is not None:
                models[model.__name__] = model
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Linkhold",
            "version": linkhold.__version__,
            "summary": "Keeps your links.",
            "description": "All times are UTC, in ISO 8601. Errors are problem documents (RFC 9457).",
            "license": {"name": "MIT", "identifier": "MIT"},
        },
        "servers": [{"url": "/"}],
        "security": [{"token": []}, {"password": []}],
        "paths": dict(sorted(paths.items())),
        "components": {
            "schemas": _schemas(list(models.values())),
            "securitySchemes": {
                "token": {"type": "http", "scheme": "bearer", "description": "A token of the account."},
                "password": {
                    "type": "http",
                    "scheme": "basic",
                    "description": "The account's name and password, or any name and a token as password.",
                },
            },
        },
    }


def _schemas(models: list[type[BaseModel]]) -> Json:
    bodies = [(model, "validation") for model in models]
    _, schema = models_json_schema(bodies, ref_template=REF)  # type: ignore[arg-type]  # pydantic wants a Literal
    return dict(schema["$defs"])


def _operation(rule: Rule, view: Callable[..., Any], described: Operation) -> Json:
    summary, _, rest = inspect.cleandoc(view.__doc__ or "").partition("\n")
    parameters = [
        {
            "name": name,
            "in": "path",
            "required": True,
            "schema": {"type": "integer", "minimum": 1},
            "example": EXAMPLES[name],
        }
        for name in PARAMETER.findall(rule.rule)
    ]
    parameters += _query_parameters(described.query)
    parameters += [
        {
            "name": name,
            "in": "header",
            "description": meaning,
            "schema": _header(name),
            "example": EXAMPLES[name],
        }
        for name, meaning in described.headers.items()
    ]
    result: Json = {
        "operationId": rule.endpoint.rpartition(".")[2],
        "summary": summary.rstrip("."),
        "description": rest.strip(),
        "tags": [view.__module__.rpartition(".")[2].replace("_", " ")],
        "parameters": parameters,
        "responses": _responses(described),
    }
    if described.body is not None:
        content = _content(described.body)
        if described.patch:
            content |= _content(described.body, media="application/merge-patch+json")
        result["requestBody"] = {"required": True, "content": content}
    return result


def _header(name: str) -> Json:
    """Return the schema of a header; an empty condition (`If-…`) is none, and an empty key is a mistake."""
    return {"type": "string"} if name.startswith("If-") else {"type": "string", "minLength": 1}


def _query_parameters(query: type[BaseModel] | None) -> list[Json]:
    if query is None:
        return []
    properties: dict[str, Json] = query.model_json_schema()["properties"]
    return [
        {
            "name": name,
            "in": "query",
            "description": schema.pop("description", ""),
            "example": schema.pop("examples")[0],
            "schema": schema | {"title": name},
        }
        for name, schema in properties.items()
    ]


def _responses(described: Operation) -> Json:
    responses: Json = {}
    for status, model in described.answers.items():
        responses[str(status)] = {"description": HTTPStatus(status).phrase}
        if model is not None:
            content = _content(model)
            content |= {media: {"schema": {"type": "string"}} for media in described.media}
            responses[str(status)]["content"] = content
        if described.tells:
            responses[str(status)]["headers"] = {
                name: {"description": meaning, "schema": {"type": "string"}}
                for name, meaning in described.tells.items()
            }
    for status in sorted({*described.problems, *EVERYWHERE}):
        responses[str(status)] = {
            "description": HTTPStatus(status).phrase,
            "content": _content(shapes.ProblemShape, media="application/problem+json"),
        }
    return responses


def _content(model: type[BaseModel], *, media: str = "application/json") -> Json:
    return {media: {"schema": {"$ref": REF.format(model=model.__name__)}}}
