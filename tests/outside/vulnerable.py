"""An application with the hole that Linkhold has not: its statement is built out of strings."""

from __future__ import annotations

import os
from typing import Any

import psycopg
from flask import Flask, request

app = Flask(__name__)


@app.get("/api/v1/links")
def list_links() -> tuple[dict[str, Any], int]:
    limit = request.args.get("limit", "1")
    with psycopg.connect(os.environ["VULNERABLE_DSN"], autocommit=True) as connection:
        try:
            rows = connection.execute(f"SELECT id, url FROM links LIMIT {limit}").fetchall()
        except psycopg.Error as error:
            return {"error": str(error)}, 500
    return {"links": [list(row) for row in rows]}, 200
