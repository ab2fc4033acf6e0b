"""What pages show of links: filters for the templates. Whatever comes from a link is text until here."""

from __future__ import annotations

import re
import zlib
from dataclasses import dataclass
from functools import cache

import nh3
from flask import request
from markdown_it import MarkdownIt
from markupsafe import Markup, escape

from linkhold.doors.web import addresses
from linkhold.doors.web.blueprint import bp
from linkhold.doors.web.speaking import gettext
from linkhold.links import conditions, highlighting, resemblance
from linkhold.links.duplicates import Group
from linkhold.links.highlighting import Fragment
from linkhold.links.language import Query
from linkhold.links.resemblance import Piece
from linkhold.links.search import FoundLink

BREAKS = re.compile(r"(?<=[/?&=#])(?=\w)")
COLOURS = 8
SHORTEST_NAME = 3
"""Of a.co.uk or a.com.au, the name is not the part before the last."""
WITH_SECOND_LEVEL = 3

NOTE_TAGS = {"p", "br", "em", "strong", "s", "code", "pre", "blockquote", "ul", "ol", "li", "hr", "a"} | {
    *(f"h{level}" for level in range(1, 7)),
    *("table", "thead", "tbody", "tr", "th", "td"),
}
NOTE_SCHEMES = {"http", "https", "mailto"}


@dataclass(frozen=True, slots=True)
class Monogram:
    """A site's letter, and the number of its colour."""

    letter: str
    colour: int


@dataclass(frozen=True, slots=True)
class Hits:
    """Where a search hits a link: in its title, and in another of its texts."""

    title: Markup | None = None
    words: Markup | None = None


@bp.app_template_filter()
def site(url: str) -> str:
    """Return the host of a URL as people name it."""
    return addresses.site(url)


@bp.app_template_filter()
def came_by(door: str) -> str:
    """Return by which door something was changed, as people name it."""
    known = {
        "command": gettext("by a command"),
        "share": gettext("shared"),
        "trash": gettext("by the trash"),
        "tutorial": gettext("by /links"),
        "v1": gettext("by the API"),
        "web": gettext("on these pages"),
    }
    return known.get(door, door)


@bp.app_template_filter()
def openable(url: str) -> str:
    """Return a URL if a page may link to it; empty otherwise."""
    return addresses.openable(url)


@bp.app_template_filter()
def breakable(url: str) -> Markup:
    """Return a URL that wraps where a reader would break it."""
    return Markup("<wbr>").join(BREAKS.split(url))


@bp.app_template_filter()
def apart(group: Group) -> list[list[Piece]]:
    """Return the URLs of links that resemble one another, each in pieces that say whether they differ."""
    return resemblance.apart([link.url for link in group.links])


@bp.app_template_filter()
def monogram(url: str) -> Monogram:
    """Return the letter and colour that stand for the site of a URL."""
    host = addresses.site(url)
    parts = host.split(".")
    name = parts[-2] if len(parts) > 1 else parts[0]
    if len(parts) >= WITH_SECOND_LEVEL and len(name) <= SHORTEST_NAME:
        name = parts[-3]
    letter = next((char for char in _spelled(name) if char.isalnum()), "•").upper()[:1]
    return Monogram(letter, zlib.crc32(host.encode()) % COLOURS)


@bp.app_template_filter()
def tagged(name: str) -> str:
    """Return the address of the links that have a tag."""
    return searched(conditions.tagged(name))


# A page of links has hundreds of addresses, and Flask's url_for would be half of its cost.
@bp.app_template_filter()
def searched(query: str | None) -> str:
    """Return the address of what a search finds."""
    return request.script_root + addresses.search(query)


@bp.app_template_filter()
def at(link_id: int, act: str = "") -> str:
    """Return the address of a link, or of one of its acts."""
    return f"{request.script_root}/link/{link_id}{'/' if act else ''}{act}"


@bp.app_template_filter()
def rendered(notes: str) -> Markup:
    """Return notes in Markdown as HTML: made without HTML of their own, and sanitised all the same."""
    html = nh3.clean(
        _markdown().render(notes),
        tags=NOTE_TAGS,
        attributes={"a": {"href"}},
        url_schemes=NOTE_SCHEMES,
        link_rel="noreferrer noopener",
    )
    return Markup(html)  # noqa: S704 - sanitised in the line above


def hits(query: Query, link: FoundLink) -> Hits:
    """Return where a search hits a link, marked."""
    texts = {name: getattr(link, name) for name in ("title", "description", "notes")}
    found = {each.field: each for each in highlighting.fragments(query, texts)}
    title = found.pop("title", None)
    words = next(iter(found.values()), None)
    return Hits(
        _marked(title) if title is not None and title.text == link.title else None,
        _marked(words) if words is not None else None,
    )


def _marked(fragment: Fragment) -> Markup:
    pieces, at = [], 0
    for first, last in fragment.marks:
        pieces += [
            escape(fragment.text[at:first]),
            Markup("<mark>{}</mark>").format(fragment.text[first:last]),
        ]
        at = last
    return Markup().join([*pieces, escape(fragment.text[at:])])


def _spelled(name: str) -> str:
    """Return a part of a host in its own script."""
    try:
        return name.encode().decode("idna")
    except UnicodeError:
        return name


@cache
def _markdown() -> MarkdownIt:
    """Return the parser. Images are left out: a page asks nothing of another host."""
    options = {"html": False, "linkify": True, "breaks": True}
    return MarkdownIt("commonmark", options).enable(["table", "strikethrough", "linkify"]).disable("image")
