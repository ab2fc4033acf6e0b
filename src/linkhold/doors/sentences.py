"""What a person is told about what they did: one short sentence, for a notification to show."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime

from linkhold.links.sharing import Shared, SharedLink
from linkhold.translations import Translation

LONGEST_SITE = 60
SITE_ENDS = re.compile(r"[/?#\\]")


def shared(said: Translation, shared: Shared, now: datetime) -> str:
    """Say what became of a share; `now` is in the zone by whose days it is told."""
    if not shared.links:
        return _kept(said, shared)
    only = shared.links[0] if len(shared.links) == 1 else None
    parts = [_many(said, shared.links) if only is None else _one(said, only, now)]
    if shared.item is not None:
        parts.append(said.gettext("the whole text is in your inbox"))
    return ", ".join(parts)


def _kept(said: Translation, shared: Shared) -> str:
    if shared.too_many:
        return said.ngettext(
            "{number} link is too many for one text: kept in your inbox",
            "{number} links are too many for one text: kept in your inbox",
            shared.too_many,
        )
    return said.gettext("No link found: kept in your inbox")


def _one(said: Translation, link: SharedLink, now: datetime) -> str:
    if link.saved.created:
        return said.gettext("Saved: {site}", site=_site(link.saved.link.url))
    return ", ".join([_since(said, link.saved.link.created_at, now), *_done(said, link)])


def _done(said: Translation, link: SharedLink) -> Iterator[str]:
    """Say what became of a link that was known."""
    if link.came_back:
        yield said.gettext("back from the trash")
    if link.tags_united:
        yield said.gettext("tags united")
    if link.words_added:
        yield said.gettext("text added")


def _many(said: Translation, links: tuple[SharedLink, ...]) -> str:
    new = sum(link.saved.created for link in links)
    known = len(links) - new
    if not known:
        return said.ngettext("{number} link saved", "{number} links saved", new)
    if not new:
        return said.ngettext("{number} link, already saved", "{number} links, all already saved", known)
    return said.ngettext(
        "{number} link saved, {known} already there",
        "{number} links saved, {known} already there",
        new,
        known=known,
    )


def _since(said: Translation, moment: datetime, now: datetime) -> str:
    """Say since when a link is known. Months are sentences of their own: languages bend them."""
    moment = moment.astimezone(now.tzinfo)
    if moment.date() == now.date():
        return said.gettext("Already saved today")
    if moment.year != now.year:
        return said.gettext("Already saved in {year}", year=moment.year)
    months = (
        said.gettext("Already saved in January"),
        said.gettext("Already saved in February"),
        said.gettext("Already saved in March"),
        said.gettext("Already saved in April"),
        said.gettext("Already saved in May"),
        said.gettext("Already saved in June"),
        said.gettext("Already saved in July"),
        said.gettext("Already saved in August"),
        said.gettext("Already saved in September"),
        said.gettext("Already saved in October"),
        said.gettext("Already saved in November"),
        said.gettext("Already saved in December"),
    )
    return months[moment.month - 1]


def _site(url: str) -> str:
    """Return the site of a URL as a person says it: as it was written, without `www.` and a password."""
    site = SITE_ENDS.split(url.partition("://")[2], maxsplit=1)[0].rpartition("@")[2].removeprefix("www.")
    return site if len(site) <= LONGEST_SITE else f"{site[:LONGEST_SITE]}…"
