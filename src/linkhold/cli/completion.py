"""`linkhold completion`: the Tab key."""

from __future__ import annotations

import click
from click.shell_completion import get_completion_class


@click.command()
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
@click.pass_context
def completion(context: click.Context, shell: str) -> None:
    """Print what makes SHELL complete this command.

    For bash: `eval "$(linkhold completion bash)"` in ~/.bashrc.
    """
    kind = get_completion_class(shell)
    if kind is None:  # pragma: no cover - the choice has only what click knows
        raise click.UsageError(f"{shell} is not known.")
    click.echo(kind(context.find_root().command, {}, "linkhold", "_LINKHOLD_COMPLETE").source())
