"""`linkhold db`: the database, looked at, entered, migrated and stopped."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import click

from linkhold import config
from linkhold.cli.opening import opened, tell
from linkhold.db import clients, migrate
from linkhold.db import engine as engines
from linkhold.errors import LinkholdError
from linkhold.postgres import dumping, server
from linkhold.runtime import Runtime


@click.group()
def db() -> None:
    """Look at the database, enter it, migrate it, stop it."""


@db.command()
def status() -> None:
    """Say whether the database runs, where, and which schema it has."""
    settings = config.load()
    if settings.database_url is None:
        state = server.status(settings.data_dir)
        click.echo(f"Embedded PostgreSQL in {settings.data_dir}: {state.describe()}")
        if not state.running:
            return
    else:
        url = engines.driver_url(settings.database_url.get_secret_value())
        click.echo(f"PostgreSQL at {url.set(drivername='postgresql')!r}")
    runtime = Runtime.open(settings, say=tell)
    try:
        _tell_schema(runtime)
    finally:
        runtime.close()


def _tell_schema(runtime: Runtime) -> None:
    with engines.translated(), runtime.engine.connect() as connection:
        version = connection.exec_driver_sql("SHOW server_version").scalar_one()
        found = migrate.standing(connection)
    click.echo(f"PostgreSQL {version}, schema {found.revision or 'none'}")
    click.echo("The schema is up to date." if found.is_served else found.advice)


@db.command("migrate")
def migrate_command() -> None:
    """Bring the schema to this version. `linkhold serve` does it too."""
    settings = config.load()
    runtime = Runtime.open(settings, say=tell)
    try:
        found, wanted = runtime.prepare()
    finally:
        runtime.close()
    tell(f"Schema {wanted}: nothing to do." if found == wanted else f"Migrated to schema {wanted}.")


@db.command(context_settings={"ignore_unknown_options": True})
@click.argument("arguments", nargs=-1)
def psql(arguments: tuple[str, ...]) -> None:
    """Enter the database with psql; further ARGUMENTS go to it, such as: -c 'select id, url from links'."""
    with opened() as runtime:
        program, connection = _psql(runtime)
        environment = config.environment() | connection
        # The password, if there is one, is in the connection's text: not for the list of processes.
        result = subprocess.run([program, *arguments], env=environment, check=False)  # noqa: S603 - psql is meant
    sys.exit(result.returncode)


def _psql(runtime: Runtime) -> tuple[str, dict[str, str]]:
    """Return the program, and the environment that tells it where to connect (libpq's variables)."""
    if runtime.lease is not None:
        return runtime.lease.psql()
    program = shutil.which("psql")
    if program is None:
        raise LinkholdError("There is no psql on this machine: install your system's PostgreSQL client.")
    straight = runtime.settings.database_direct_url
    url = straight.get_secret_value() if straight is not None else runtime.engine.url
    return program, clients.variables(url)


@db.command("dump")
@click.option("--keep", is_flag=True, help="Let it stay until you remove it.")
def dump_command(*, keep: bool) -> None:
    """Dump the database aside now, as is done before the embedded one is migrated.

    Without --keep it takes the place of the last dump of the same schema.
    """
    settings = config.load()
    if not settings.has_straight_way:
        raise LinkholdError(
            "What pg_dump sets would stay on the pooler's connections, and Linkhold would find no table"
            f" there: let {config.variable('database_direct_url')} name the same database without the pooler."
        )
    before = dumping.dumps(settings.data_dir / "dumps")
    runtime = Runtime.open(settings, say=tell)
    try:
        with engines.translated(), runtime.engine.connect() as connection:
            label = f"{dumping.STAYS if keep else ''}schema-{migrate.current(connection) or 'none'}"
        if runtime.lease is not None:
            path = runtime.lease.dump(label)
        else:
            program, variables = _psql(runtime)
            settings.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
            client = dumping.Client(Path(program).parent, variables)
            path = dumping.dump(client, settings.data_dir / "dumps", label=label)
    finally:
        runtime.close()
    tell(f"Dumped to {path}")
    for gone in before:
        if not gone.exists():
            tell(f"Removed {gone}")


@db.command()
def dumps() -> None:
    """List what was dumped aside, before migrations or by hand, the newest last."""
    settings = config.load()
    for path in dumping.dumps(settings.data_dir / "dumps"):
        click.echo(f"{dumping.moment(path):%Y-%m-%d %H:%M} UTC  {path.stat().st_size >> 10:>9} kB  {path}")


@db.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def restore(file: Path) -> None:
    """Put a dump in the place of the embedded database; what is there now stays beside it.

    A later version's schema goes back to that of the dump: start the version that made it.
    """
    settings = config.load()
    if settings.database_url is not None:
        raise LinkholdError("LINKHOLD_DATABASE_URL names a PostgreSQL of your own: use its pg_restore.")
    with server.acquire(settings.data_dir, say=tell) as lease:
        aside = lease.restore(file.absolute())
        tell(f"The database is what it was in {file}. What was there before is the database {aside}.")


@db.command()
def stop() -> None:
    """Stop the embedded PostgreSQL, if nothing uses it. It stops by itself with its last user."""
    settings = config.load()
    if settings.database_url is not None:
        raise LinkholdError("LINKHOLD_DATABASE_URL names a PostgreSQL of your own: stop it where it runs.")
    stopped = server.stop(settings.data_dir)
    tell("PostgreSQL is stopped." if stopped else "PostgreSQL is not running.")
