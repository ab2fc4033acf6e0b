"""`linkhold account`: who can log in."""

from __future__ import annotations

import click

from linkhold.accounts import accounts, audit, invitations
from linkhold.cli import listening
from linkhold.cli.opening import NUMBER, opened, password_from, tell
from linkhold.cli.shown import plain
from linkhold.links import library

password_stdin = click.option(
    "--password-stdin", is_flag=True, help="Read the password from standard input instead of asking."
)


@click.group()
def account() -> None:
    """Add, list and remove accounts, and set passwords."""


@account.command("add")
@click.argument("name")
@click.option("--admin", is_flag=True, help="Make it an administrator's. The first account always is.")
@password_stdin
def add(name: str, *, admin: bool, password_stdin: bool) -> None:
    """Add an account called NAME."""
    password = password_from(stdin=password_stdin)
    with opened() as runtime, runtime.transaction() as session:
        made = accounts.create(session, name, password, is_admin=admin)
        name = made.name
    tell(f"Account {name} is ready.")


@account.command("setup")
def setup() -> None:
    """Print the address at which the first account is made, once. The one printed before is worthless then.

    Prints nothing when there is an account already.
    """
    with opened() as runtime:
        with runtime.transaction() as session:
            code = invitations.issue_first(session)
        settings = runtime.settings
    if code is None:
        tell("There is an account already: an administrator invites others on the page /admin.")
        return
    click.echo(f"{settings.public_url or listening.url(settings.host, settings.port)}/setup?code={code}")


@account.command("list")
def list_accounts() -> None:
    """List the accounts."""
    with opened() as runtime, runtime.reading() as session:
        for each in accounts.every(session):
            role = "administrator" if each.is_admin else "person"
            click.echo(f"{each.name}\t{role}\tsince {each.created_at:%Y-%m-%d}")


@account.command("password")
@click.argument("name")
@password_stdin
def set_password(name: str, *, password_stdin: bool) -> None:
    """Set the password of NAME, and log its browsers out. Its tokens go on working."""
    password = password_from(stdin=password_stdin)
    with opened() as runtime, runtime.transaction() as session:
        accounts.set_password(session, accounts.get(session, name), password)
    tell("The password is set, and every browser of the account is logged out.")


@account.command("audit")
@click.argument("name")
@click.option("--limit", default=100, show_default=True, type=NUMBER, help="How many at most.")
def show_audit(name: str, limit: int) -> None:
    """List what was done to the account NAME, the last first: log-ins, tokens, passwords."""
    with opened() as runtime, runtime.reading() as session:
        for each in audit.of_account(session, accounts.get(session, name).id, limit=limit):
            click.echo(f"{each.at:%Y-%m-%d %H:%M:%S} UTC\t{each.act}\t{plain(each.detail)}\t{each.address}")


@account.command("remove")
@click.argument("name")
@click.option("--yes-destroy-the-library", "sure", is_flag=True, help="Say that you mean it.")
def remove(name: str, *, sure: bool) -> None:
    """Destroy the account NAME with all its links and their history. It cannot be undone."""
    if not sure:
        raise click.UsageError(
            f"This destroys the library of {name} for good. If you mean it: --yes-destroy-the-library"
        )
    with opened() as runtime:
        with runtime.transaction() as session:
            account = accounts.get(session, name)
            accounts.remove(session, account)
            library.destroy(session, account.id)
        # A save that was on its way when the account went may have come in behind us.
        with runtime.transaction() as session:
            library.destroy(session, account.id)
    tell(f"Account {name} is gone.")
