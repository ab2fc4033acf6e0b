"""`linkhold token`: secrets for programs."""

from __future__ import annotations

from datetime import datetime, timedelta

import click

from linkhold import clock
from linkhold.accounts import accounts, tokens
from linkhold.cli.opening import NUMBER, opened, tell

of_account = click.option("--account", "name", required=True, metavar="NAME", help="Whose token it is.")


@click.group()
def token() -> None:
    """Make, list and revoke tokens, by which programs act for an account."""


@token.command("add")
@of_account
@click.option("--name", "label", required=True, metavar="LABEL", help="What it is for, such as iPhone.")
@click.option(
    "--scope",
    "scopes",
    required=True,
    multiple=True,
    type=click.Choice(tokens.SCOPES),
    help="What it may do; give it once for each.",
)
@click.option("--expires-in-days", type=click.IntRange(1, 36500), help="When it ends; never if left out.")
def add(name: str, label: str, scopes: tuple[str, ...], expires_in_days: int | None) -> None:
    """Make a token and print it. It is shown this once: only its hash is stored."""
    expires_at = clock.now() + timedelta(days=expires_in_days) if expires_in_days else None
    with opened() as runtime, runtime.transaction() as session:
        owner = accounts.get(session, name).id
        made = tokens.issue(session, owner, label=label, scopes=scopes, expires_at=expires_at)
    click.echo(made)


@token.command("list")
@of_account
def list_tokens(name: str) -> None:
    """List the tokens of an account: number, name, scopes, last use and end."""
    with opened() as runtime, runtime.reading() as session:
        for each in tokens.of_account(session, accounts.get(session, name).id):
            used = _day(each.last_used_at, "never used", "last used {}")
            ends = _day(each.expires_at, "does not expire", "expires {}")
            click.echo(f"{each.id}\t{each.label}\t{'+'.join(each.scopes)}\t{used}\t{ends}")


@token.command("revoke")
@of_account
@click.argument("number", type=NUMBER)
def revoke(name: str, number: int) -> None:
    """Make token NUMBER worthless at once."""
    with opened() as runtime, runtime.transaction() as session:
        tokens.revoke(session, accounts.get(session, name).id, number)
    tell(f"Token {number} is revoked.")


def _day(moment: datetime | None, never: str, otherwise: str) -> str:
    return never if moment is None else otherwise.format(moment.strftime("%Y-%m-%d"))
