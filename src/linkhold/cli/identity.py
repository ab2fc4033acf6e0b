"""`linkhold identity` and `linkhold search`: applying newer rules to what was saved under older ones."""

from __future__ import annotations

import click

from linkhold.accounts import accounts
from linkhold.cli.opening import opened
from linkhold.links import identities, reindexing
from linkhold.links.changes import Origin
from linkhold.links.reindexing import Place


@click.group()
def identity() -> None:
    """Apply a newer rule of what makes two URLs one link."""


@identity.command()
def recompute() -> None:
    """Apply this version's rule to all links of all accounts.

    Links that become one are merged, and nothing is lost: for each account it is a batch that can be
    undone.
    """
    with opened() as runtime:
        with runtime.reading() as session:
            every = [(account.id, account.name) for account in accounts.every(session)]
        for owner, name in every:
            with runtime.transaction() as session:
                done = identities.recompute(session, owner, origin=Origin("command"))
            click.echo(f"{name}: {done.links} links changed, batch {done.batch_id}")


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
