"""What `linkhold serve` says when it is ready: where it is, and how to begin."""

from __future__ import annotations

import shlex
from dataclasses import dataclass

import click

from linkhold.accounts import accounts, invitations
from linkhold.cli import listening
from linkhold.runtime import Runtime


@dataclass(frozen=True, slots=True)
class Hello:
    """What there is to say: the code that makes the first account, or whose account there is."""

    code: str | None
    name: str | None


def compose(runtime: Runtime) -> Hello:
    """Find out what there is to say; makes the one-time code when there is no account yet."""
    with runtime.transaction() as session:
        code = invitations.issue_first(session)
        name = None if code else accounts.every(session)[0].name
    return Hello(code, name)


def show(hello: Hello, address: tuple[str, int], *, public_url: str = "") -> None:
    """Print it; `public_url` is where people reach Linkhold, when that is another address."""
    host, port = address
    here, found = listening.url(listening.reachable(host), port), listening.from_elsewhere(host)
    elsewhere = listening.url(found, port) if found else None
    click.echo(f"\nLinkhold is at {here}/")
    if elsewhere is not None:
        click.echo(f"On your network it is {elsewhere}/")
    elif not public_url:
        click.echo("For a phone on your network, start it with LINKHOLD_HOST=0.0.0.0")
    if public_url:
        click.echo(f"People reach it at {public_url}/")
        here, elsewhere = public_url, None
    if hello.code is not None:
        click.echo(f"\nCreate the first account, once, at\n  {here}/setup?code={hello.code}")
        if elsewhere is not None:
            click.echo(f"  {elsewhere}/setup?code={hello.code}")
    asked = "the password" if hello.name else "the account's name and the password"
    click.echo(f"\nSave a link from a terminal (it asks for {asked}):\n  {curl(hello.name, here)}\n")


def curl(name: str | None, here: str) -> str:
    """Return a line that saves a link, to be pasted into a shell; it asks for a name that is not known."""
    asking = "" if name else "printf 'Account: '; read -r NAME; "
    # A shell may have a meaning for what stands in a name.
    who = shlex.quote(name) if name else '"$NAME"'
    link = '{"url": "https://example.com/"}'
    return f"{asking}curl -u {who} -H 'Content-Type: application/json' -d '{link}' {here}/links"
