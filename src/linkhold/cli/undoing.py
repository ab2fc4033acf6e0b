"""`linkhold history` and `linkhold undo`: what happened to your library on a server, and its reverse."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import click

from linkhold.cli import shown
from linkhold.cli.client import Client
from linkhold.cli.links import tell_done

LISTED = 50


@click.command()
@click.argument("link_id", type=click.IntRange(1), required=False, metavar="[ID]")
@click.option("--limit", type=click.IntRange(1, 1000), default=LISTED, show_default=True, help="How many.")
def history(link_id: int | None, limit: int) -> None:
    """List the changes of link ID, or without one what was done to many links at once; newest first."""
    server, query = Client.kept(), {"limit": limit}
    if link_id is None:
        found = server.call("GET", "/batches", query=query)["batches"]
    else:
        found = server.call("GET", f"/links/{link_id}/history", query=query)["changes"]
    if not shown.on_terminal():
        for each in found:
            shown.line(each)
    elif found:
        rows = [
            {**each, "when": each["made_at"][:16].replace("T", " "), "by": each["token"] or each["door"]}
            for each in found
        ]
        shown.table(rows, ("ID", "When", "By", "Summary"))


@click.command()
@click.argument("batch", type=click.IntRange(1), required=False)
@click.option("--link", "link_id", type=click.IntRange(1), metavar="ID", help="Undo a change of this link:")
@click.option("--change", type=click.IntRange(1), metavar="ID", help="this one, or its newest if left out.")
@click.option(
    "--since",
    type=click.DateTime(["%Y-%m-%d", "%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M"]),
    help="Undo everything since this moment (UTC).",
)
def undo(batch: int | None, link_id: int | None, change: int | None, since: datetime | None) -> None:
    """Undo a BATCH, a change of a link, or everything since a moment.

    `linkhold history` lists batches. What was changed since stays as it is, and is told.
    """
    if sum(each is not None for each in (batch, link_id, since)) != 1:
        raise click.UsageError("Name one: a BATCH, --link, or --since.")
    if change is not None and link_id is None:
        raise click.UsageError("--change is a change of a link: name that by --link.")
    server = Client.kept()
    if batch is not None:
        undone = server.call("POST", f"/batches/{batch}/undo")
    elif since is not None:
        undone = server.call("POST", "/undo", body={"since": since.replace(tzinfo=UTC).isoformat()})
    else:
        undone = _undo_change(server, link_id, change)
    for each in undone["left"]:
        click.echo(f"Link {each['link']} was left alone. {shown.plain(each['reason'])}", err=True)
    tell_done(undone)


def _undo_change(server: Client, link_id: int | None, change: int | None) -> Any:  # noqa: ANN401 - JSON
    if change is None:
        change = server.call("GET", f"/links/{link_id}/history", query={"limit": 1})["changes"][0]["id"]
    return server.call("POST", f"/links/{link_id}/history/{change}/undo")
