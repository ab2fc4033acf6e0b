"""What commands print: readable on a terminal, one JSON object a line in a pipe."""

from __future__ import annotations

import shutil
import sys
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import click
import orjson

GAP = "  "
NARROWEST = 10


def on_terminal() -> bool:
    """Tell whether a person reads the output."""
    return sys.stdout.isatty()


def line(value: Mapping[str, Any]) -> None:
    """Print a JSON object."""
    click.echo(orjson.dumps(value).decode())


def table(rows: Sequence[Mapping[str, Any]], heads: Sequence[str]) -> None:
    """Print rows in columns as wide as they need; the last takes what the terminal has left.

    When not all has room, no other column is wider than a quarter of the terminal.
    """
    cells = [[plain(row.get(head.lower())) for head in heads] for row in rows]
    widths = [max(map(width, column)) for column in zip(heads, *cells, strict=True)]
    columns = shutil.get_terminal_size().columns
    gaps = len(GAP) * (len(heads) - 1)
    if sum(widths) + gaps > columns:
        widths[:-1] = [min(each, max(NARROWEST, columns // 4)) for each in widths[:-1]]
    widths[-1] = max(NARROWEST, min(widths[-1], columns - sum(widths[:-1]) - gaps))
    click.secho(_joined(heads, widths), bold=True)
    for each in cells:
        click.echo(_joined(each, widths))


def pairs(values: Mapping[str, Any]) -> None:
    """Print names and values, one below the other; what is blank is left out."""
    shown = {
        name: plain(value, lines=True) for name, value in values.items() if value not in (None, "", [], False)
    }
    longest = max(map(len, shown), default=0)
    for name, value in shown.items():
        indented = value.replace("\n", "\n" + " " * (longest + 2))
        click.echo(f"{click.style(name.ljust(longest), bold=True)}  {indented}")


def plain(value: object, *, lines: bool = False) -> str:
    """Return a value as text that cannot command the terminal: what a web page wrote is not trusted."""
    if isinstance(value, list):
        value = ", ".join(map(str, value))
    text = "" if value is None else "yes" if value is True else "no" if value is False else str(value)
    kept = (char if _is_harmless(char) or (lines and char == "\n") else " " for char in text)
    return "".join(kept)


def width(text: str) -> int:
    """Return how many columns a terminal needs for a text."""
    return sum(
        0 if unicodedata.combining(char) else 2 if unicodedata.east_asian_width(char) in "WF" else 1
        for char in text
    )


def _is_harmless(char: str) -> bool:
    # Control characters, and those that turn the direction of writing around.
    return unicodedata.category(char) not in {"Cc", "Cf", "Zl", "Zp", "Cs"}


def _joined(cells: Iterable[str], widths: Sequence[int]) -> str:
    fitted = (_fitted(cell, wide) for cell, wide in zip(cells, widths, strict=True))
    return GAP.join(fitted).rstrip()


def _fitted(text: str, wide: int) -> str:
    if width(text) <= wide:
        return text + " " * (wide - width(text))
    while width(text) >= wide:
        text = text[:-1]
    return text + "…"
