"""The tutorial's application after its contract: one model, one view, the whole list as every answer.

Flask-SQLAlchemy is not among our dependencies: a scoped session that is removed after each request
is what it does.
"""

from __future__ import annotations

import os

from flask import Flask, Response, jsonify, request
from sqlalchemy import create_engine, select
from sqlalchemy.engine import make_url
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, scoped_session, sessionmaker

engine = create_engine(make_url(os.environ["BENCH_DATABASE_URL"]).set(drivername="postgresql+psycopg"))
session = scoped_session(sessionmaker(engine))
app = Flask(__name__)


class Base(DeclarativeBase):
    """The base of the models."""


class Link(Base):
    """A row of the tutorial's table."""

    __tablename__ = "links"

    id: Mapped[int] = mapped_column(primary_key=True)
    url: Mapped[str]


@app.route("/links", methods=["GET", "POST"])
def links() -> tuple[Response, int] | Response:
    """Save a URL if one is sent, and answer with all."""
    if request.method == "POST":
        sent = request.get_json(silent=True)
        if not isinstance(sent, dict) or not isinstance(sent.get("url"), str):
            return Response(), 400
        session.add(Link(url=sent["url"]))
        session.commit()
    return jsonify([link.url for link in session.scalars(select(Link).order_by(Link.id))])


@app.teardown_appcontext
def _end(_: BaseException | None) -> None:
    session.remove()
