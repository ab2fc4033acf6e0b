"""Addresses: where a page leads back to, and which of those that people save may be followed. Pure."""

from __future__ import annotations

import re
from functools import lru_cache
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

OPENABLE = frozenset(
    {"http", "https", "ftp", "ftps", "sftp", "mailto", "tel", "sms", "geo", "xmpp", "irc", "ircs", "matrix"}
    | {"magnet", "gemini", "gopher", "news", "nntp"}
)
"""Schemes that a page may link to: none of them can run anything with the rights of the page."""

# Browsers drop tabs and line breaks anywhere, and control characters and spaces before the scheme.
SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*):")
REMEMBERED = 1024
"""How many addresses a process remembers: a page of links has hundreds, and mostly the same ones."""

MESSAGE = frozenset({"done", "left"})
"""Parameters that say what was just done; an address to come back to has none."""


def openable(url: str) -> str:
    """Return a URL if a page may link to it; empty for anything that could run as a script."""
    scheme = SCHEME.match(url)
    return url if scheme and scheme[1].lower() in OPENABLE else ""


@lru_cache(REMEMBERED)
def search(query: str | None) -> str:
    """Return the path of the library page that shows a search; of the whole library without one."""
    return f"/?{_encoded([('q', query)])}" if query else "/"


def local_path(wanted: str) -> str:
    """Return a path of this site to go on to: `/` for anything that could lead elsewhere.

    Browsers read a backslash as a slash, and drop tabs and line breaks; two slashes begin a host.
    """
    if not wanted.startswith("/") or wanted.startswith("//") or not wanted.isprintable() or "\\" in wanted:
        return "/"
    return wanted


def plain(path: str, **said: str | int) -> str:
    """Return a path of this site without what it says was done, or with that said anew."""
    parts = urlsplit(local_path(path))
    kept = [pair for pair in parse_qsl(parts.query, keep_blank_values=True) if pair[0] not in MESSAGE]
    return urlunsplit(("", "", parts.path, _encoded([*kept, *said.items()]), ""))


def _encoded(pairs: list[tuple[str, str | int]]) -> str:
    return urlencode(pairs, safe=":/")


@lru_cache(REMEMBERED)
def site(url: str) -> str:
    """Return the host of a URL as people name it; empty where there is none."""
    try:
        return (urlsplit(url).hostname or "").removeprefix("www.")
    except ValueError:
        return ""
