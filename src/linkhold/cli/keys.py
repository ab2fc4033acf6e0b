"""`linkhold key`: the secrets that programs beside Linkhold know."""

from __future__ import annotations

import click

from linkhold import config, keys
from linkhold.accounts import audit
from linkhold.cli.opening import opened, tell
from linkhold.errors import LinkholdError

NAME = click.argument("name", type=click.Choice(sorted(keys.KEYS)))


@click.group()
def key() -> None:
    """Show or renew a secret that a program beside Linkhold shows it: metrics, to read /metrics."""


@key.command()
@NAME
def show(name: str) -> None:
    """Print a key; it is made if there is none yet."""
    click.echo(keys.get(config.load().data_dir, name))


@key.command()
@NAME
def rotate(name: str) -> None:
    """Make a key anew and print it; the old one is refused from now on."""
    click.echo(keys.rotate(config.load().data_dir, name))
    try:
        with opened() as runtime, runtime.transaction() as session:
            audit.record_administration(session, "key renewed", by=None, detail=name)
    except LinkholdError as error:
        # A key that somebody got hold of is renewed whatever the database does.
        tell(f"The key is renewed, and the administrators' records do not say so: {error.message}")
