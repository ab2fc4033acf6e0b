"""`linkhold login` and `logout`: which server the commands use."""

from __future__ import annotations

import sys

import click

from linkhold.cli import client
from linkhold.cli.client import Client


@click.command()
@click.argument("url")
@click.option("--token-stdin", is_flag=True, help="Read the token from standard input.")
def login(url: str, *, token_stdin: bool) -> None:
    """Connect to the server at URL, with a token that `linkhold token add` printed there."""
    if "://" not in url:
        url = f"https://{url}"
    token = sys.stdin.readline() if token_stdin else click.prompt("Token", hide_input=True)
    server = Client(url.rstrip("/"), token.strip())
    account = server.call("GET", "/account")
    path = server.keep()
    click.echo(f"Connected to {server.url} as {account['name']}. The token is in {path}.", err=True)


@click.command()
def logout() -> None:
    """Forget the server and the token."""
    client.place().unlink(missing_ok=True)
    click.echo("The token is forgotten here; linkhold token revoke, on the server, ends it.", err=True)
