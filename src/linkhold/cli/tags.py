"""`linkhold tag`: the tags of your library on a server."""

from __future__ import annotations

import click

from linkhold.cli import shown
from linkhold.cli.client import Client
from linkhold.cli.links import ids_argument, tell_done


@click.group()
def tag() -> None:
    """List, give, take, rename, merge and delete tags."""


@tag.command("list")
def list_tags() -> None:
    """List all tags with their counts."""
    found = Client.kept().call("GET", "/tags")["tags"]
    if shown.on_terminal() and found:
        shown.table(found, ("Links", "Below", "Name"))
        return
    for each in found:
        shown.line(each)


@tag.command("add")
@click.argument("name")
@ids_argument
def add(name: str, ids: tuple[int, ...]) -> None:
    """Give links the tag NAME."""
    tell_done(
        Client.kept().call(
            "POST", "/links/bulk", body={"action": "edit", "ids": list(ids), "add_tags": [name]}
        )
    )


@tag.command("remove")
@click.argument("name")
@ids_argument
def remove(name: str, ids: tuple[int, ...]) -> None:
    """Take the tag NAME off links."""
    body = {"action": "edit", "ids": list(ids), "remove_tags": [name]}
    tell_done(Client.kept().call("POST", "/links/bulk", body=body))


@tag.command("rename")
@click.argument("old")
@click.argument("new")
def rename(old: str, new: str) -> None:
    """Give the tag OLD, and those below it, the name NEW on all links."""
    tell_done(Client.kept().call("POST", "/tags/rename", body={"tag": old, "name": new}))


@tag.command("merge")
@click.argument("old", nargs=-1, required=True)
@click.argument("into")
def merge(old: tuple[str, ...], into: str) -> None:
    """Make the tags OLD one with INTO on all links."""
    tell_done(Client.kept().call("POST", "/tags/merge", body={"tags": list(old), "into": into}))


@tag.command("delete")
@click.argument("name")
def delete(name: str) -> None:
    """Take the tag NAME, and those below it, off all links; the links stay."""
    tell_done(Client.kept().call("POST", "/tags/delete", body={"tag": name}))
