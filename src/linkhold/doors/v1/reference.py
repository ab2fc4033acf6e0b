"""The description of `/api/v1`: for programs as OpenAPI, for people as a page."""

from __future__ import annotations

from flask import Response, current_app, render_template, request

from linkhold.doors import identify, reply
from linkhold.doors.v1 import openapi
from linkhold.doors.v1.blueprint import bp


@bp.get("/openapi.json")
def openapi_document() -> Response:
    """Answer the OpenAPI 3.1 document."""
    return reply.json(openapi.document(current_app))


@bp.get("/docs")
def reference() -> str:
    """Answer the reference as a page for people, in the look of who is logged in."""
    identify.recognise(request)
    return render_template("reference.html", document=openapi.document(current_app))
