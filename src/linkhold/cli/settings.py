"""`linkhold settings`: every setting, its value here, and what it means."""

from __future__ import annotations

import textwrap

import click

from linkhold import config


@click.command()
def settings() -> None:
    """List every setting, its value here, and what it means.

    Each is an environment variable. NAME_FILE gives the path of a file that holds the value.
    """
    values = config.load()
    for field, info in config.Settings.model_fields.items():
        value = getattr(values, field)
        click.echo(f"{config.variable(field)}={'' if value is None else value}")
        click.echo(textwrap.indent(textwrap.fill((info.description or "").replace("`", ""), 92), "    "))
