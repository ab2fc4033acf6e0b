"""The command `linkhold`: thin commands over the acts, and over the API of a server."""

from __future__ import annotations

import importlib
import sys

import click

import linkhold
from linkhold.errors import InvalidSetting, LinkholdError

USAGE_ERROR = 2

# Each command and where it stands. It is loaded when it is called: finding a link must not wait
# for the web server and the database driver to load.
COMMANDS = {
    "account": "accounts:account",
    "add": "links:add",
    "completion": "completion:completion",
    "db": "database:db",
    "doctor": "doctor:doctor",
    "edit": "links:edit",
    "find": "links:find",
    "history": "undoing:history",
    "identity": "identity:identity",
    "key": "keys:key",
    "login": "login:login",
    "logout": "login:logout",
    "open": "links:open_link",
    "ready": "ready:ready",
    "restore": "links:restore",
    "search": "search:search",
    "serve": "serve:serve",
    "settings": "settings:settings",
    "show": "links:show",
    "static": "static:static",
    "tag": "tags:tag",
    "token": "tokens:token",
    "trash": "links:trash",
    "undo": "undoing:undo",
    "work": "work:work",
}


class Commands(click.Group):
    """The commands of the table, each loaded when it is needed."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return their names."""
        del ctx
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return a command by name."""
        del ctx
        if cmd_name not in COMMANDS:
            return None
        module, _, name = COMMANDS[cmd_name].partition(":")
        found: click.Command = getattr(importlib.import_module(f"linkhold.cli.{module}"), name)
        return found


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(linkhold.__version__, prog_name="linkhold")
def command() -> None:
    """Linkhold keeps your links.

    `linkhold serve` starts it: with its own PostgreSQL, unless LINKHOLD_DATABASE_URL names another.
    Every setting is an environment variable; `linkhold settings` lists them all.

    `linkhold login URL` connects this command to a server; then add, find, show, edit, tag, trash,
    undo, history and open work on your library there.
    """


def main() -> None:
    """Run the command; what can go wrong ends in one sentence on standard error, and status 1 or 2."""
    try:
        command()
    except LinkholdError as error:
        click.echo(f"linkhold: {error.message}", err=True)
        sys.exit(USAGE_ERROR if isinstance(error, InvalidSetting) else 1)
    except Exception as error:
        said = _said_by_database(error)
        if said is None:
            raise
        click.echo(f"linkhold: The database refused: {said}", err=True)
        sys.exit(1)


def _said_by_database(error: Exception) -> str | None:
    """Return what PostgreSQL, or its driver, said; its SQL and the rows that it quotes help nobody here.

    They are known by their names: most commands never load them.
    """
    if type(error).__module__.partition(".")[0] not in {"sqlalchemy", "psycopg"}:
        return None
    cause = getattr(error, "orig", None) or error
    primary = getattr(getattr(cause, "diag", None), "message_primary", None)
    return primary or str(cause.args[0] if cause.args else cause).partition("\n")[0]
