"""What `linkhold serve` says when it is ready: where it is, and how to begin."""

from __future__ import annotations

from dataclasses import dataclass

import click

from linkhold.accounts import accounts, invitations
from linkhold.cli import listening
from linkhold.runtime import Runtime


@dataclass(frozen=True, slots=True)
class Hello:
    """What there is to say: the code that makes the first account, or whose account there is."""

    code: str | None
    name: str


def compose(runtime: Runtime) -> Hello:
    """Find out what there is to say; makes the one-time code when there is no account yet."""
    with runtime.transaction() as session:
        code = invitations.issue_first(session)
        name = "NAME" if code else accounts.every(session)[0].name
    return Hello(code, name)


def show(hello: Hello, host: str, port: int) -> None:
    """Print it."""
    here = listening.url(listening.reachable(host), port)
    elsewhere = listening.from_elsewhere(host)
    click.echo(f"\nLinkhold is at {here}/")
    if elsewhere is None:
        click.echo("For a phone on your network, start it with LINKHOLD_HOST=0.0.0.0")
    else:
        click.echo(f"On your network it is {listening.url(elsewhere, port)}/")
    if hello.code is not None:
        click.echo(f"\nCreate the first account, once, at\n  {here}/setup?code={hello.code}")
        if elsewhere is not None:
            click.echo(f"  {listening.url(elsewhere, port)}/setup?code={hello.code}")
    click.echo(
        "\nSave a link from a terminal (curl asks for the password):\n"
        f"  curl -u {hello.name} -H 'Content-Type: application/json'"
        f' -d \'{{"url": "https://example.com/"}}\' {here}/links\n'
    )
