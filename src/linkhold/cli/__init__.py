"""The command `linkhold`: thin commands over the acts."""

from __future__ import annotations

import sys

import click

import linkhold
from linkhold.cli import accounts, database, serve, settings, tokens
from linkhold.errors import InvalidSetting, LinkholdError

USAGE_ERROR = 2


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(linkhold.__version__, prog_name="linkhold")
def command() -> None:
    """Linkhold keeps your links.

    `linkhold serve` starts it: with its own PostgreSQL, unless LINKHOLD_DATABASE_URL names another.
    Every setting is an environment variable; `linkhold settings` lists them all.
    """


command.add_command(serve.serve)
command.add_command(accounts.account)
command.add_command(tokens.token)
command.add_command(database.db)
command.add_command(settings.settings)


def main() -> None:
    """Run the command; what can go wrong ends in one sentence on standard error, and status 1 or 2."""
    try:
        command()
    except LinkholdError as error:
        click.echo(f"linkhold: {error.message}", err=True)
        sys.exit(USAGE_ERROR if isinstance(error, InvalidSetting) else 1)
