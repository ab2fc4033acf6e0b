"""`linkhold ready`: whether the Linkhold that runs here is ready, for scripts and container engines."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from linkhold import clock, config
from linkhold.cli import listening
from linkhold.cli.opening import tell

PAUSE = 0.5


@click.command()
@click.option(
    "--socket",
    type=click.Path(path_type=Path),
    help="The Unix socket to ask on; without it LINKHOLD_HOST and LINKHOLD_PORT say where.",
)
@click.option("--within", type=click.FloatRange(0), default=0.0, help="Wait up to so many seconds for it.")
def ready(*, socket: Path | None, within: float) -> None:
    """Ask the Linkhold that runs here whether it is ready: whether a save would succeed.

    Ends with status 1, and what it said, when it is not.
    """
    settings, until = config.load(), clock.monotonic() + within
    host = listening.reachable(listening.resolved(settings.host))
    address = str(socket) if socket is not None else (host, settings.port)
    while True:
        status, said = listening.ask(address, "/readyz")
        if status == listening.OK:
            return
        if clock.monotonic() >= until:
            break
        clock.sleep(PAUSE)
    tell(f"Linkhold is not ready: {said or 'it does not answer'}")
    sys.exit(1)
