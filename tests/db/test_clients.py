"""PostgreSQL's own programs are led to the database that the URL names, however it is written."""

from __future__ import annotations

import pytest

from linkhold.db import clients


@pytest.mark.parametrize(
    ("url", "told"),
    [
        (
            "postgresql://ada:p%40ss@db.example:5433/links",
            {
                "PGHOST": "db.example",
                "PGPORT": "5433",
                "PGUSER": "ada",
                "PGPASSWORD": "p@ss",
                "PGDATABASE": "links",
            },
        ),
        (
            "postgresql://linkhold@/linkhold?host=/run/pgbouncer&port=6432",
            {"PGHOST": "/run/pgbouncer", "PGPORT": "6432", "PGUSER": "linkhold", "PGDATABASE": "linkhold"},
        ),
        (
            "postgresql:///links?host=a:5432&host=b:5433&target_session_attrs=read-write",
            {
                "PGHOST": "a,b",
                "PGPORT": "5432,5433",
                "PGDATABASE": "links",
                "PGTARGETSESSIONATTRS": "read-write",
            },
        ),
        (
            "postgres://h/d?sslmode=verify-full&sslrootcert=/etc/ca.pem&passfile=/etc/pass&keepalives=0",
            {
                "PGHOST": "h",
                "PGDATABASE": "d",
                "PGSSLMODE": "verify-full",
                "PGSSLROOTCERT": "/etc/ca.pem",
                "PGPASSFILE": "/etc/pass",
            },
        ),
    ],
)
def test_all_that_a_url_says_is_told(url: str, told: dict[str, str]) -> None:
    assert clients.variables(url) == told


@pytest.mark.parametrize(
    ("url", "machines"),
    [
        ("postgresql://linkhold@/linkhold?host=/run/postgresql", []),
        ("postgresql:///linkhold", []),
        ("postgresql:///linkhold?host=a.example,b.example", ["a.example", "b.example"]),
        ("postgresql://db.example/linkhold?hostaddr=10.0.0.5", ["10.0.0.5"]),
    ],
)
def test_the_machines_that_a_url_names_are_known(url: str, machines: list[str]) -> None:
    assert clients.hosts(url) == machines
