"""The tutorial's application, written by us after its contract, under gunicorn with three workers."""

from __future__ import annotations

import sys

from bench.adapters.own_cluster import WithCluster
from bench.request import Request, json_save


class Tutorial(WithCluster):
    """Each save is answered with the whole list, as the tutorial has it."""

    name = "tutorial"
    note = (
        "The tutorial's view, written by us after its contract: a model `links(id, url)`, each save answered"
        " with the whole list; gunicorn with three synchronous workers, which close each connection after its"
        " answer. No accounts, no checks, no history. Plain SQLAlchemy stands in for Flask-SQLAlchemy, and"
        " nginx is left out, both in its favour."
    )
    table = "CREATE TABLE links (id serial PRIMARY KEY, url text NOT NULL)"
    ready_path = "/links"

    def command(self) -> list[str]:
        """Serve with three workers."""
        options = ["--workers", "3", "--bind", f"127.0.0.1:{self.port}", "--log-level", "error"]
        return [sys.executable, "-m", "gunicorn", *options, "bench.servers.tutorial:app"]

    def saving(self) -> Request:
        """Save a URL."""
        return json_save("/links", title=False)

    def listing(self) -> Request:
        """List."""
        return Request("GET", "/links")

    def row(self, url: str) -> str:
        """Return what a save writes."""
        return f"(url) SELECT {url}"
