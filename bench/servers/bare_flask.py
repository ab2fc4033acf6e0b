"""A Flask view that inserts a row, and nothing more; `BENCH_STYLE` says by what means."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from typing import Any

import psycopg
from flask import Flask, Response, jsonify, request
from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url

URL = os.environ["BENCH_DATABASE_URL"]
INSERT = "INSERT INTO links (owner_id, url, title, created_at) VALUES (1, {}, {}, now()) RETURNING id"

app = Flask(__name__)


def _by_psycopg() -> Callable[[str, str], int]:
    kept = threading.local()
    statement = INSERT.format("%s", "%s").encode()

    def insert(url: str, title: str) -> int:
        if not hasattr(kept, "connection"):
            kept.connection = psycopg.connect(URL, autocommit=True)
        row = kept.connection.execute(statement, (url, title)).fetchone()
        return int(row[0])

    return insert


def _by_sqlalchemy() -> Callable[[str, str], int]:
    engine = create_engine(make_url(URL).set(drivername="postgresql+psycopg"), pool_size=16)
    statement = text(INSERT.format(":url", ":title"))

    def insert(url: str, title: str) -> int:
        with engine.begin() as connection:
            return int(connection.execute(statement, {"url": url, "title": title}).scalar_one())

    return insert


insert = _by_sqlalchemy() if os.environ.get("BENCH_STYLE") == "sqlalchemy" else _by_psycopg()


@app.get("/")
def ready() -> str:
    """Answer that it serves."""
    return "ready"


@app.post("/links")
def save() -> tuple[Response, int]:
    """Insert a link."""
    sent: dict[str, Any] = request.get_json()
    number = insert(sent["url"], sent["title"])
    return jsonify(id=number, url=sent["url"], title=sent["title"]), 201
