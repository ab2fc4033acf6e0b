"""Reads what an account gives out as everyone would who follows the standard."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime
from xml.etree import ElementTree as ET

from linkhold.accounts.models import Account
from linkhold.links.models import Link

ATOM = "{http://www.w3.org/2005/Atom}"


HOSTILE = '"><script>alert(1)</script>]]>&amp;<!--'


CONTROL = "a\x01b\x0b\x1f\ufffe\uffffc"


BIDI = "\u202egnp.exe"


MakeLink = Callable[..., Link]


def paths(account: Account) -> tuple[str, str]:
    return f"/public/{account.name}", f"/public/{account.name}/atom.xml"


def held(written: bytes) -> ET.Element:
    """Return a feed, held against what RFC 4287 requires (4.1.1, 4.1.2, 3.3, 4.2.7)."""
    feed = ET.fromstring(written)  # noqa: S314 - our own
    assert feed.tag == f"{ATOM}feed"
    for element in (feed, *feed.iter(f"{ATOM}entry")):
        for name in ("id", "title", "updated"):
            assert len(element.findall(f"{ATOM}{name}")) == 1, name
        assert re.fullmatch(r"tag:[a-z0-9.-]+,\d{4}-\d\d-\d\d:\S+", element.findtext(f"{ATOM}id", ""))
        assert datetime.fromisoformat(element.findtext(f"{ATOM}updated", "")).tzinfo is not None
        for link in element.findall(f"{ATOM}link"):
            assert re.fullmatch(r"https?://[^\s<>\"{}|\\^`]+", link.get("href", ""))
        if element is not feed:
            assert element.find(f"{ATOM}content") is not None
    assert feed.findtext(f"{ATOM}author/{ATOM}name")
    assert len(feed.findall(f"{ATOM}link[@rel='self']")) == 1
    ids = [each.text for each in feed.iter(f"{ATOM}id")]
    assert len(ids) == len(set(ids))
    return feed


def titles(feed: ET.Element) -> list[str]:
    return [entry.findtext(f"{ATOM}title", "") for entry in feed.iter(f"{ATOM}entry")]
