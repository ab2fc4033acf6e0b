"""Each schema that ever was, with data in it, becomes today's, and what was in it can be used.

`schemas/` has a dump of every one. A migration that is added brings the dump of the schema before it.
"""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import Connection, Engine, event, text
from sqlalchemy.orm import Session

import linkhold
from linkhold.db import migrate
from linkhold.db.engine import transactional
from linkhold.errors import SchemaMismatch
from linkhold.links import duplicates, estimating, history, language, search, tag_counts, trash
from linkhold.links.changes import Origin

# Those before were made before anybody could have had to migrate a library in use.
FIRST_WITHOUT_DOWNTIME = "0006"
FIRST, WITH_DERIVED_COLUMNS, WITH_LONG_TEXTS, WITH_INTERNATIONAL_HOSTS = "0001", "0003", "0010", "0011"
# The version with this schema, and each since, works with today's. Whoever adds a migration decides whether
# that stays so (`expands`): an update asks much less of whoever runs it then.
SERVED_FROM = "0005"
# The rules of squawk that do not fit: migrations are one transaction, and alembic's table has a short key.
NOT_OURS = ("prefer-robust-stmts", "prefer-text-field")
SCHEMAS = sorted((Path(__file__).parent / "schemas").glob("*.sql"))


@pytest.fixture(params=SCHEMAS, ids=lambda path: path.stem)
def former(empty: Engine, request: pytest.FixtureRequest) -> Engine:
    """Return an engine on a database of a former schema, with its data."""
    with transactional(empty).begin() as connection:
        connection.exec_driver_sql(request.param.read_text(encoding="utf-8").replace("%", "%%"))
    return empty


def since(revision: str, *, before: str | None = None) -> pytest.MarkDecorator:
    """Let a test have the former schemas from that one on, and `before` another one if that is given."""
    chosen = [path for path in SCHEMAS if revision <= path.stem < (before or migrate.head())]
    return pytest.mark.parametrize("former", chosen, indirect=True, ids=lambda path: path.stem)


def found(session: Session, owner: int, words: str) -> list[str]:
    statistics = estimating.Fresh().current(session)
    page = search.find(session, owner, language.parse(words), limit=10, statistics=statistics)
    return [link.title for link in page.links]


def test_there_is_a_dump_of_every_schema() -> None:
    revisions = {path.name.partition("_")[0] for path in migrate.SCRIPTS.glob("versions/[0-9]*.py")}
    assert {path.stem for path in SCHEMAS} >= revisions - {migrate.head()}


def test_what_was_in_a_former_schema_can_be_used(former: Engine, request: pytest.FixtureRequest) -> None:
    before, now = migrate.upgrade(former)
    assert (before, now) == (request.node.callspec.params["former"].stem, migrate.head())
    with Session(transactional(former)) as session:
        assert found(session, 1, "postgresql manual") == ["PostgreSQL documentation"]
        assert found(session, 1, "grosse") == ["Größe und Maß"]
        assert found(session, 1, "#docs") == ["PostgreSQL documentation"]
        assert found(session, 1, "is:trashed") == ["In the trash"]
        assert found(session, 2, "") == ["Bob's own"]
        counts = {tag.name: tag.links for tag in tag_counts.every(session, 1)}
        assert counts["db"] == 1
        assert [change.kind for change in history.of_link(session, 1, 1, limit=5)] == ["added"]
        trash.restore(session, 1, 3, origin=Origin("test"))
        session.commit()
        assert len(found(session, 1, "")) == 3


# As the versions wrote them that knew neither long texts nor mobile hosts inside an address, nor ß in one.
OLD_LINK = text("""
    INSERT INTO links (owner_id, id, url, identity, identity_hash, identity_version, title, description,
                       notes, tags, unread, archived, shared, created_at, changed_at, version, title_key,
                       resembles, search)
    VALUES (2, :id, :url, :url, sha256(convert_to(CAST(:url AS text), 'UTF8')), 1, '', '', :notes,
            '{}', false, false, false, now(), now(), 1, '', :id, CAST(:search AS tsvector))
""")


@since(WITH_DERIVED_COLUMNS, before=WITH_LONG_TEXTS)
def test_what_an_older_version_computed_in_another_way_is_computed_anew(former: Engine) -> None:
    notes = "これはです。" * 300 + "終わりです"
    places = ",".join(map(str, range(1, 256)))
    with transactional(former).begin() as connection:
        for link_id, host in ((91, "en.m.a.example"), (92, "en.a.example")):
            sent = {"id": link_id, "url": f"https://{host}/w", "notes": notes}
            connection.execute(OLD_LINK, sent | {"search": f"'@2' 'です':{places}"})
    migrate.upgrade(former)
    with Session(transactional(former)) as session:
        assert len(found(session, 2, "終わりです")) == 2
        [group] = duplicates.groups(session, 2, limit=5)
        assert {link.id for link in group.links} == {91, 92}


@since(WITH_DERIVED_COLUMNS, before=WITH_INTERNATIONAL_HOSTS)
def test_a_host_in_another_script_that_had_no_words_has_them_afterwards(former: Engine) -> None:
    with transactional(former).begin() as connection:
        street = {"id": 91, "url": "https://xn--strae-oqa.de/w", "notes": ""}
        connection.execute(OLD_LINK, street | {"search": "'@2' 'xn':1C"})
    migrate.upgrade(former)
    with Session(transactional(former)) as session:
        assert len(found(session, 2, "https://straße.de/w")) == 1


def test_who_made_a_newer_schema_is_told_to_an_older_version(former: Engine) -> None:
    migrate.upgrade(former)
    with transactional(former).begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
        connection.execute(text("COMMENT ON TABLE alembic_version IS 'Linkhold 7.1.2'"))
    with pytest.raises(SchemaMismatch, match=r"schema 9999.*Linkhold 7\.1\.2 made it\. Install that version"):
        migrate.upgrade(former)


@since(FIRST)
def test_a_migration_signs_with_its_version(former: Engine) -> None:
    migrate.upgrade(former)
    with former.connect() as connection:
        signed = connection.scalar(text("SELECT obj_description('alembic_version'::regclass, 'pg_class')"))
    assert signed == f"Linkhold {linkhold.__version__}, served from {SERVED_FROM} on"


@since(FIRST_WITHOUT_DOWNTIME)
def test_migrations_take_no_lock_that_a_busy_table_cannot_bear(former: Engine, tmp_path: Path) -> None:
    """By squawk, on the SQL of the migrations since the last schema that stands in a release's notes."""
    statements: list[str] = []

    @event.listens_for(former, "before_cursor_execute")
    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        if re.match(r"\s*(CREATE|ALTER|DROP|UPDATE|INSERT|DELETE)", statement):
            statements.append(statement.strip() + ";")

    migrate.upgrade(former)
    assert "UPDATE alembic_version" in "".join(statements)
    assert faults(tmp_path, statements) == ""


@pytest.mark.parametrize(
    "statement",
    [
        "ALTER TABLE links ALTER COLUMN id TYPE bigint;",
        "CREATE INDEX ix_links_x ON links (owner_id);",
        "CREATE UNIQUE INDEX ix_links_x ON links (owner_id);",
    ],
)
def test_a_migration_that_would_lock_a_busy_table_is_found_out(tmp_path: Path, statement: str) -> None:
    assert faults(tmp_path, [statement])


def test_an_index_on_a_table_that_is_new_is_in_nobodys_way(tmp_path: Path) -> None:
    new = "CREATE TABLE fresh (owner_id bigint NOT NULL);"
    assert not faults(tmp_path, [new, "CREATE INDEX ix_fresh ON fresh (owner_id);"])


@pytest.mark.parametrize(
    "former",
    [path for path in SCHEMAS if SERVED_FROM <= path.stem < migrate.head()],
    indirect=True,
    ids=lambda path: path.stem,
)
def test_a_version_that_is_still_served_finds_all_that_it_knows(former: Engine) -> None:
    """No column that it knows is gone, and it has to fill in none that it does not know."""
    with former.connect() as connection:
        columns, rules = known(connection)
    migrate.upgrade(former)
    with former.connect() as connection:
        columns_now, rules_now = known(connection)
    tables = {table for table, _ in columns}
    assert columns.items() <= columns_now.items()
    added = {key: column for key, column in columns_now.items() if key[0] in tables and key not in columns}
    assert [key for key, (_, needed) in added.items() if needed] == []
    assert {rule for rule in rules_now if rule[0] in tables} == rules


def known(connection: Connection) -> tuple[dict[tuple[str, str], tuple[str, bool]], set[tuple[str, str]]]:
    """Return each column with its type and whether one must give it, and the rules that rows are held to."""
    columns = text("""
        SELECT table_name, column_name, data_type,
               is_nullable = 'NO' AND column_default IS NULL AND is_identity = 'NO'
        FROM information_schema.columns WHERE table_schema = 'public'
    """)
    rules = text("""
        SELECT relname, pg_get_constraintdef(pg_constraint.oid)
        FROM pg_constraint JOIN pg_class ON conrelid = pg_class.oid
        WHERE pg_class.relnamespace = 'public'::regnamespace AND contype <> 'n'
        UNION ALL
        SELECT tablename, indexdef FROM pg_indexes
        WHERE schemaname = 'public' AND indexdef LIKE 'CREATE UNIQUE%'
    """)
    found = connection.execute(columns)
    return (
        {(table, name): (kind, needed) for table, name, kind, needed in found},
        {(table, rule) for table, rule in connection.execute(rules)},
    )


def faults(directory: Path, statements: list[str]) -> str:
    """Return what squawk says of statements, as of one transaction with our time-outs; nothing when well."""
    new = {made[1] for each in statements if (made := re.match(r"CREATE TABLE (\w+)", each))}
    # Nobody uses a table that is made in the same transaction.
    statements = [
        each
        for each in statements
        if not ((index := re.match(r"CREATE (?:UNIQUE )?INDEX \w+ ON (\w+)", each)) and index[1] in new)
    ]
    script = directory / "migrations.sql"
    script.write_text("\n".join(["SET lock_timeout = '20s';", "SET statement_timeout = '0';", *statements]))
    squawk = Path(sys.executable).parent / "squawk"
    command: list[str | Path] = [squawk, "--assume-in-transaction", f"--exclude={','.join(NOT_OURS)}", script]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return done.stdout if done.returncode else ""
