"""How PostgreSQL's own programs are told where the database is: by variables, which no process list shows."""

from __future__ import annotations

from psycopg.conninfo import conninfo_to_dict, make_conninfo
from psycopg.pq import Conninfo
from sqlalchemy.engine import URL

from linkhold.db import engine as engines


def hosts(url: str | URL) -> list[str]:
    """Return the machines that a URL names; those of Unix sockets are none."""
    told = variables(url)
    names = (told.get("PGHOSTADDR") or told.get("PGHOST", "")).split(",")
    return [name for name in names if name and not name.startswith(("/", "@"))]


def variables(url: str | URL) -> dict[str, str]:
    """Return libpq's environment variables for a `postgresql://` URL, and for what stands in its query.

    Only what has no variable is left out: how a connection is kept alive, and the key's own password.
    """
    parsed = engines.driver_url(url)
    _, options = parsed.get_dialect()().create_connect_args(parsed)
    told = conninfo_to_dict(make_conninfo(**options))
    names = {each.keyword.decode(): each.envvar.decode() for each in Conninfo.get_defaults() if each.envvar}
    return {names[keyword]: str(value) for keyword, value in told.items() if keyword in names}
