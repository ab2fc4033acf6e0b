"""`linkhold search`: looking after what links are found by."""

from __future__ import annotations

import click

from linkhold.cli.opening import opened
from linkhold.links import reindexing
from linkhold.links.reindexing import Place


@click.group()
def search() -> None:
    """Look after what links are found by."""


@search.command()
def rebuild() -> None:
    """Compute anew what all links are found by, a thousand at a time; saves go on meanwhile."""
    place: Place | None = reindexing.BEGINNING
    done = 0
    with opened() as runtime:
        while place is not None:
            with runtime.transaction() as session:
                place, some = reindexing.portion(session.connection(), after=place)
            done += some
    click.echo(f"{done} links")
