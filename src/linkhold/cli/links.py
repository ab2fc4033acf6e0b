"""`linkhold add`, `find`, `show`, `edit`, `trash`, `restore`, `open`: your library on a server."""

from __future__ import annotations

import sys
import webbrowser
from collections.abc import Iterable
from typing import Any

import click

from linkhold.cli import shown
from linkhold.cli.client import Client, ServerSaid
from linkhold.errors import BadInput, LinkholdError

SHOWN_AT_ONCE = 20
# Answers that say something of one link; with any other, the next ones would fare no better.
ABOUT_THE_LINK = frozenset({400, 409, 413, 422})
SAFE = ("http://", "https://")

id_argument = click.argument("link_id", type=click.IntRange(1), metavar="ID")
ids_argument = click.argument("ids", type=click.IntRange(1), nargs=-1, required=True, metavar="ID...")
title_option = click.option("--title", help="A line that names it.")
description_option = click.option("--description", help="What the page is about.")
notes_option = click.option("--notes", help="Your own words, in Markdown.")
unread_option = click.option("--unread/--read", default=None, help="To be read later, or not.")
archived_option = click.option("--archived/--not-archived", default=None, help="Out of the way, or not.")
shared_option = click.option("--shared/--private", default=None, help="Public, or not.")


@click.command()
@click.argument("urls", nargs=-1, required=True, metavar="URL...")
@title_option
@description_option
@notes_option
@click.option("--tag", "tags", multiple=True, help="A tag; give it once for each.")
@unread_option
@archived_option
@shared_option
def add(urls: tuple[str, ...], tags: tuple[str, ...], **given: Any) -> None:  # noqa: ANN401 - options
    """Save links; `-` reads one URL a line from standard input.

    A link that you have already is merged with what you give: nothing is overwritten by nothing. What
    the server refuses is told, with the reason, and the others are saved all the same.
    """
    server = Client.kept()
    fields = {name: value for name, value in given.items() if value is not None} | {"tags": list(tags)}
    refused = 0
    for url in _expanded(urls):
        try:
            link = server.call("POST", "/links", body={"url": url, **fields})
        except ServerSaid as said:
            if said.status not in ABOUT_THE_LINK:
                raise
            refused += 1
            click.echo(f"{shown.plain(url)}: {shown.plain(said.message)}", err=True)
            continue
        if shown.on_terminal():
            click.echo(f"{link['id']}  {shown.plain(link['url'])}")
        else:
            shown.line(link)
    if refused:
        raise LinkholdError("1 link was refused." if refused == 1 else f"{refused} links were refused.")


@click.command()
@click.argument("query", nargs=-1)
@click.option("--limit", type=click.IntRange(1), help="How many at most: 20 on a terminal, else all.")
def find(query: tuple[str, ...], limit: int | None) -> None:
    """Find links by a search, such as: linkhold find '#python flask -django'.

    docs/search.md has the language. In a pipe each link is a JSON object on a line of its own.
    Write `--` before a search that begins with a minus.
    """
    server, asked = Client.kept(), {"q": " ".join(query)}
    if not shown.on_terminal():
        remarks, lines = server.found(query=asked | ({"limit": limit} if limit else {}))
        _tell(remarks)
        for each in lines:
            click.echo(each)
        return
    found = server.call("GET", "/links", query=asked | {"limit": min(limit or SHOWN_AT_ONCE, 1000)})
    _tell(found["remarks"])
    rows = [
        {**link, "added": link["created_at"][:10], "title": link["title"] or link["url"]}
        for link in found["links"]
    ]
    if rows:
        shown.table(rows, ("ID", "Added", "Tags", "Title"))
    count = found["count"]
    more = "" if count["exact"] else "more than "
    click.echo(f"{more}{count['value']} {'link' if count['value'] == 1 else 'links'}", err=True)


@click.command()
@id_argument
def show(link_id: int) -> None:
    """Show all of a link."""
    _show(Client.kept().call("GET", f"/links/{link_id}"))


@click.command()
@id_argument
@click.option("--url", help="Another address for the same link.")
@title_option
@description_option
@notes_option
@click.option("--tag", "added", multiple=True, help="A tag to add; give it once for each.")
@click.option("--untag", "removed", multiple=True, help="A tag to take away; give it once for each.")
@unread_option
@archived_option
@shared_option
def edit(link_id: int, added: tuple[str, ...], removed: tuple[str, ...], **given: Any) -> None:  # noqa: ANN401
    """Change a link; what you do not name stays. `--title ''` makes a text blank."""
    server = Client.kept()
    body = {name: value for name, value in given.items() if value is not None}
    if not (body or added or removed):
        raise click.UsageError("Say what to change: --title, --notes, --tag, --read …")
    seen = None
    if added or removed:
        link = server.call("GET", f"/links/{link_id}")
        gone = {tag.casefold() for tag in removed}
        body["tags"] = [*(tag for tag in link["tags"] if tag.casefold() not in gone), *added]
        seen = link["version"]
    _show(server.call("PATCH", f"/links/{link_id}", body=body, seen=seen))


@click.command()
@ids_argument
def trash(ids: tuple[int, ...]) -> None:
    """Move links to the trash. `linkhold find is:trashed` lists it, and `linkhold restore` takes out."""
    tell_done(Client.kept().call("POST", "/links/bulk", body={"action": "trash", "ids": list(ids)}))


@click.command()
@ids_argument
def restore(ids: tuple[int, ...]) -> None:
    """Take links out of the trash."""
    tell_done(Client.kept().call("POST", "/links/bulk", body={"action": "restore", "ids": list(ids)}))


@click.command("open")
@id_argument
def open_link(link_id: int) -> None:
    """Open a link in the browser."""
    url = Client.kept().call("GET", f"/links/{link_id}")["url"]
    if not url.lower().startswith(SAFE):
        raise BadInput(f"Only web addresses are opened; this is {shown.plain(url)}")
    # click.launch would not tell whether one started.
    if not webbrowser.open(url):
        raise LinkholdError(f"No browser could be started. The address is {shown.plain(url)}")


def tell_done(done: dict[str, Any]) -> None:
    """Say what an action on many links did, and how to undo it."""
    if not shown.on_terminal():
        shown.line(done)
        return
    links = "1 link" if done["links"] == 1 else f"{done['links']} links"
    click.echo(f"{shown.plain(done['summary'])}: {links}. To undo it: linkhold undo {done['batch']}")


def _tell(remarks: Iterable[str]) -> None:
    for remark in remarks:
        click.echo(shown.plain(remark), err=True)


def _show(link: dict[str, Any]) -> None:
    if shown.on_terminal():
        shown.pairs(link)
    else:
        shown.line(link)


def _expanded(urls: Iterable[str]) -> Iterable[str]:
    for url in urls:
        if url == "-":
            yield from (line.strip() for line in sys.stdin if line.strip())
        else:
            yield url
