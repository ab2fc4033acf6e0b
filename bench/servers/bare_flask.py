"""A Flask view that inserts a row, and nothing more; `BENCH_STYLE` says by what means."""

from __future__ import annotations

import os
import re
import threading
from collections.abc import Callable
from hashlib import sha256
from typing import Any

import orjson
import psycopg
from flask import Flask, Response, jsonify, request
from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url

from linkhold.links import adding

URL = os.environ["BENCH_DATABASE_URL"]
INSERT = "INSERT INTO links (owner_id, url, title, created_at) VALUES (1, {}, {}, now()) RETURNING id"
WORD = re.compile("[a-z0-9]+")

app = Flask(__name__)


kept = threading.local()


def _connection() -> psycopg.Connection[Any]:
    """Return this thread's connection."""
    if not hasattr(kept, "connection"):
        kept.connection = psycopg.connect(URL, autocommit=True)
    connection: psycopg.Connection[Any] = kept.connection
    return connection


def _by_psycopg() -> Callable[[str, str], int]:
    statement = INSERT.format("%s", "%s").encode()

    def insert(url: str, title: str) -> int:
        row = _connection().execute(statement, (url, title)).fetchone()
        return int(row[0]) if row else 0

    return insert


def _by_sqlalchemy() -> Callable[[str, str], int]:
    engine = create_engine(make_url(URL).set(drivername="postgresql+psycopg"), pool_size=16)
    statement = text(INSERT.format(":url", ":title"))

    def insert(url: str, title: str) -> int:
        with engine.begin() as connection:
            return int(connection.execute(statement, {"url": url, "title": title}).scalar_one())

    return insert


def _same_rows() -> Callable[[str, str], int]:
    statement = adding.statement()
    now = "2026-01-01T00:00:00Z"

    def insert(url: str, title: str) -> int:
        told = {"url": url, "title": title}
        blank = {"description": "", "notes": "", "tags": [], "unread": False, "archived": False}
        identity = {"identity": url, "identity_hash": sha256(url.encode()).hexdigest(), "identity_version": 1}
        places = " ".join(f"'{word}':{at}" for at, word in enumerate(set(WORD.findall(url + title)), start=1))
        made = {"title_key": title.lower(), "resembles": len(url), "search": places, "now": now}
        row = {**told, **blank, "shared": False, **identity, **made, "door": "bare", "after": told}
        sent = {"rows": orjson.dumps([row]).decode(), "owner_id": 1}
        added = _connection().execute(statement.encode(), sent, prepare=True).fetchone()
        return int(added[1]) if added else 0

    return insert


STYLES = {"psycopg": _by_psycopg, "sqlalchemy": _by_sqlalchemy, "same-rows": _same_rows}
insert = STYLES[os.environ["BENCH_STYLE"]]()


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
