"""`linkhold identity`: applying a newer rule of which URLs are one link to what was saved before."""

from __future__ import annotations

import click

from linkhold.accounts import accounts
from linkhold.cli.opening import opened
from linkhold.links import identities
from linkhold.links.changes import Origin


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
