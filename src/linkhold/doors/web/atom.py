"""Links as an Atom feed (RFC 4287), and answers that are sent again only when they have changed."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from flask import Response, render_template, request

from linkhold.doors import current
from linkhold.doors.web import addresses
from linkhold.doors.web.blueprint import bp
from linkhold.links.publishing import Published

ATOM = "application/atom+xml"
# XML 1.0 (2.2) has no way to write any other character, escaped or not.
NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
NOT_IN_IRI = re.compile(r'[\x00-\x20\x7f-\x9f"<>\\^`{|}]')
NOT_IN_TAG = re.compile(r"[^A-Za-z0-9.-]")


@dataclass(frozen=True, slots=True)
class Feed:
    """What a feed says of itself."""

    id: str
    title: str
    author: str
    address: str
    page: str
    """The address of the page that shows the same."""
    begun: datetime
    """When it was begun; it was updated then if there is nothing in it."""


def answer(feed: Feed, links: Sequence[Published], owner: int) -> Response:
    """Answer links as a feed, or that nothing has changed since the client has read it."""
    updated = max((link.changed_at for link in links), default=feed.begun)
    written = render_template("atom.xml", feed=feed, links=links, updated=updated, owner=owner)
    return Response(NOT_XML.sub("", written), mimetype=ATOM)


def unless_known(response: Response, *, cache: str) -> Response:
    """Let an answer be kept, but asked about each time: what is no longer shared vanishes at once."""
    response.headers["Cache-Control"] = cache
    response.add_etag(weak=True)
    response.make_conditional(request)
    return response


@bp.app_template_global()
def tag_uri(moment: datetime, *parts: object) -> str:
    """Return a name (RFC 4151) that stays the same for as long as the server has its own."""
    public_url = current.runtime().settings.public_url
    host = addresses.site(public_url) or request.host.rpartition(":")[0] or request.host
    authority = NOT_IN_TAG.sub("-", host).strip("-")
    return f"tag:{authority},{moment.astimezone(UTC):%Y-%m-%d}:{'/'.join(map(str, parts))}"


@bp.app_template_filter()
def iri(url: str) -> str:
    """Return a URL as XML may carry it in a link: what a browser would encode is encoded; else empty."""
    return NOT_IN_IRI.sub(lambda found: f"%{ord(found[0]):02X}", addresses.openable(url))


@bp.app_template_filter()
def instant(moment: datetime) -> str:
    """Return a moment as feeds have it (RFC 3339)."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
