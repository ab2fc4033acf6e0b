"""What every command that works on the library needs: the settings, and a runtime that is ready."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NoReturn

import click

from linkhold import config, logs
from linkhold.runtime import Runtime

NUMBER = click.IntRange(1, 2**63 - 1)
"""A number by which the database knows something: more than that it has no room for."""


def tell(message: str) -> None:
    """Say something on standard error, so that standard output holds only what was asked for."""
    click.echo(message, err=True)


@contextmanager
def opened() -> Iterator[Runtime]:
    """Open the database of the settings, brought up to date; works whether the server runs or not."""
    settings = config.load()
    logs.configure(level="warning", style="text")
    runtime = Runtime.open(settings, say=tell)
    try:
        runtime.prepare()
        yield runtime
    finally:
        runtime.close()


def password_from(*, stdin: bool) -> str:
    """Return a password: the first line of standard input, or what a person types twice."""
    if stdin:
        return sys.stdin.readline().rstrip("\r\n")
    if not sys.stdin.isatty():
        _refuse_unseen()
    return str(click.prompt("Password", hide_input=True, confirmation_prompt=True))


def _refuse_unseen() -> NoReturn:
    raise click.UsageError("There is no terminal to ask for a password: use --password-stdin.")
