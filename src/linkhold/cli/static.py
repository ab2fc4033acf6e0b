"""`linkhold static`: the files of the pages, for a proxy that answers them itself."""

from __future__ import annotations

from pathlib import Path

import click

from linkhold.doors.web import assets


@click.command()
@click.argument("directory", type=click.Path(file_okay=False, path_type=Path))
def static(directory: Path) -> None:
    """Write the stylesheet, scripts and icons below DIRECTORY, for nginx to serve (see its configuration)."""
    click.echo(assets.export(directory))
