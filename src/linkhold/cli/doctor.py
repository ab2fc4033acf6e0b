"""`linkhold doctor`: what is wrong with this installation, and how to mend it."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import click

from linkhold import config, logs
from linkhold.cli import listening
from linkhold.cli.opening import tell
from linkhold.config import Settings
from linkhold.db import clients
from linkhold.db.engine import CONNECT_SECONDS, driver_url
from linkhold.db.listening import HELLO_SECONDS
from linkhold.db.vitals import Conditions, conditions
from linkhold.doctor import box, database, front, machine, units
from linkhold.doctor.finding import Finding, fault, warning
from linkhold.errors import LinkholdError
from linkhold.postgres import server
from linkhold.runtime import Runtime

MARKS = {"ok": ("✓", "green"), "warning": ("!", "yellow"), "fault": ("✗", "red")}
# As long as a connection may take, and a notification.
HEARD_WITHIN = CONNECT_SECONDS + HELLO_SECONDS
AUTHORITY = Path("/etc/linkhold/tls/authority.pem")


@click.command()
@click.option("--all", "everything", is_flag=True, help="Show what is well too.")
@click.option(
    "--authority",
    type=click.Path(exists=True, dir_okay=False),
    help="Certificates to trust, for an authority of your own; the installation's is known.",
)
def doctor(*, everything: bool, authority: str | None) -> None:
    """Examine this installation, and say how to mend what is wrong. It changes nothing.

    Ends with status 1 when there is a fault.
    """
    settings = config.load()
    logs.configure(level="error", style="text")
    if authority is None and AUTHORITY.exists():
        authority = str(AUTHORITY)
    faults = warnings = seen = 0
    for found in _examined(settings, authority):
        seen += 1
        faults += found.level == "fault"
        warnings += found.level == "warning"
        if everything or found.level != "ok":
            _show(found)
    click.echo(f"{seen} things examined: {_count(faults, 'fault')}, {_count(warnings, 'warning')}.")
    sys.exit(1 if faults else 0)


def _examined(settings: Settings, authority: str | None) -> Iterator[Finding]:
    told = None
    asleep = _asleep(settings)
    if asleep is not None:
        yield asleep
    else:
        try:
            told, heard = _told(settings)
            yield from database.examine(settings, told)
            yield from database.examine_straight_way(settings, heard=heard)
        except LinkholdError as error:
            yield fault("database", error.message, "Is it running? linkhold db status")
    yield from box.examine(box.read(map(units.told, units.OURS)), _hosts(settings))
    yield from machine.examine(settings, needed=told.size if told else 0)
    yield from units.examine()
    yield from front.examine(settings, authority=authority)


def _asleep(settings: Settings) -> Finding | None:
    """Look whether the embedded PostgreSQL runs: to open it would make, upgrade or start it."""
    if settings.database_url is not None:
        return None
    state = server.status(settings.data_dir)
    if state.state == "ready":
        return None
    return warning("database", state.describe(), "Only one that runs can be examined: linkhold serve")


def _told(settings: Settings) -> tuple[Conditions, bool]:
    """Return what the database tells of itself, and whether what a pooler is told is heard past it."""
    runtime = Runtime.open(settings, say=tell)
    try:
        told, heard = conditions(runtime.engine), False
        if settings.database_direct_url is not None:
            runtime.listener.start()
            heard = runtime.listener.wait(HEARD_WITHIN)
        return told, heard
    finally:
        runtime.close()


def _hosts(settings: Settings) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for name in ("database_url", "database_direct_url"):
        if (url := getattr(settings, name)) is not None:
            named = driver_url(url.get_secret_value(), setting=name)
            found |= {host: listening.addresses(host) for host in clients.hosts(named)}
    return found


def _show(found: Finding) -> None:
    mark, colour = MARKS[found.level]
    click.echo(f"{click.style(mark, fg=colour)} {found.subject}: {found.state}")
    if found.mend:
        click.echo(f"    {found.mend}")


def _count(number: int, name: str) -> str:
    return f"{number or 'no'} {name}{'' if number == 1 else 's'}"
