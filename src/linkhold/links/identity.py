"""The identity of a URL: its canonical form by a versioned rule. Pure.

Two URLs with one identity are one link of a library. A new rule gets a new `VERSION`; the URL
itself is never changed, so that a later rule can be applied to what was sent.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection
from dataclasses import dataclass

from ada_url import URL

from linkhold.errors import NotALink
from linkhold.links import text

VERSION = 1

# Parameters that say how a reader came to a page and never which page it is, as documented by the
# advertising and mailing services that add them.
TRACKING_PARAMETERS = frozenset(
    {
        "_branch_match_id",
        "_ga",
        "_gl",
        "_hsenc",
        "_hsmi",
        "_openstat",
        "__hsfp",
        "__hssc",
        "__hstc",
        "__s",
        "dclid",
        "epik",
        "fb_action_ids",
        "fb_action_types",
        "fb_ref",
        "fb_source",
        "fbclid",
        "gad_campaignid",
        "gad_source",
        "gbraid",
        "gclid",
        "gclsrc",
        "hsctatracking",
        "igsh",
        "igshid",
        "irclickid",
        "li_fat_id",
        "mc_cid",
        "mc_eid",
        "mkt_tok",
        "ml_subscriber",
        "ml_subscriber_hash",
        "msclkid",
        "mtm_campaign",
        "mtm_cid",
        "mtm_content",
        "mtm_keyword",
        "mtm_medium",
        "mtm_source",
        "oly_anon_id",
        "oly_enc_id",
        "pk_campaign",
        "pk_kwd",
        "piwik_campaign",
        "piwik_kwd",
        "rb_clickid",
        "rdt_cid",
        "s_cid",
        "srsltid",
        "ttclid",
        "twclid",
        "vero_conv",
        "vero_id",
        "wbraid",
        "wickedid",
        "yclid",
        "ysclid",
    }
)
TRACKING_PREFIX = "utm_"

# RFC 3986, section 2.3: these may be written as themselves or percent-encoded, with one meaning.
UNRESERVED = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
PERCENT = re.compile(r"%([0-9A-Fa-f]{2})?")

# A URL as the parser writes it has each delimiter only in its place (RFC 3986, appendix B). Asking the parser
# for one part after the other takes twice as long.
PARTS = re.compile(
    r"(?P<scheme>[^:]+):(?://(?P<credentials>[^/?#@]*@)?(?P<host>\[[^]]*\]|[^/?#:]*)(?P<port>:[0-9]+)?)?"
    r"(?P<path>[^?#]*)(?:\?(?P<query>[^#]*))?(?:#(?P<fragment>.*))?",
    re.DOTALL,
)

# What the parser would write as it is, for most of what is saved: a host of ordinary labels of which the last
# is no number, no dot segment, and nothing that is encoded or could be. Not asking the parser spares a tenth
# of a save: each of its four calls lets go of the interpreter's lock. A test asks it about what this matches.
LABEL = "[a-z0-9]+(?:-[a-z0-9]+)*"
NAME = "[A-Za-z0-9_~-]+"
PLAIN = re.compile(
    rf"https?://(?:{LABEL}\.)+[a-z]+(?:/(?:{NAME}(?:\.{NAME})*)?)+(?:\?[A-Za-z0-9_~/=&.,:;+-]+)?"
)


@dataclass(frozen=True, slots=True)
class Identity:
    """The canonical form of a URL."""

    text: str
    version: int = VERSION

    @property
    def hash(self) -> bytes:
        """The SHA-256 of the text, 32 bytes: what is unique in a library."""
        return hashlib.sha256(self.text.encode()).digest()


def identify(url: str, schemes: Collection[str] | None = ("http", "https")) -> Identity:
    """Return the identity of a URL, read as browsers read it (WHATWG URL Standard).

    The rule, version 1: scheme and host in lower case, an international host name as punycode, no
    default port, no trailing dot of the host, dot segments resolved, percent-encoding in capitals
    and only where needed, no tracking parameters, no empty query and no empty fragment.

    Raises `NotALink`, with the reason, for what is no URL, names no host, or has another scheme than
    those that are accepted (None accepts all).
    """
    parts = _parts(url)
    scheme, host = parts["scheme"], parts["host"]
    if schemes is not None and scheme not in schemes:
        allowed = " and ".join(sorted(schemes))
        raise NotALink(f"Only {allowed} addresses can be kept; this one is {scheme!r}.", field="url")
    if not host.strip("."):
        raise NotALink("This address names no host.", field="url")
    before = f"{scheme}://{parts['credentials']}{host}{parts['port']}"
    path = _normal_percent(parts["path"])
    query = _query_without_tracking(parts["query"])
    fragment = _normal_percent(parts["fragment"])
    return Identity(f"{before}{path}{query}{fragment and '#' + fragment}")


GAVE_WAY = " "
"""Stands only in the identities of links that gave theirs up."""


def given_way(identity: str, link_id: int) -> str:
    """Return what a link in the trash is known by when another link has taken its identity.

    No URL has it as its identity, because a space is never part of one.
    """
    return f"{identity}{GAVE_WAY}{link_id}"


def own(identity: str) -> str | None:
    """Return the identity that a link had before it gave way; None for one that did not."""
    kept, marked, _ = identity.rpartition(GAVE_WAY)
    return kept if marked else None


def _parts(url: str) -> dict[str, str]:
    """Return the parts of a URL as browsers write it; those that it lacks are empty."""
    if not url.strip():
        raise NotALink("The URL is empty.", field="url")
    if not text.can_be_stored(url):
        raise NotALink("The URL contains a character that text cannot hold.", field="url")
    if PLAIN.fullmatch(url):
        return _split(url)
    try:
        parsed = URL(url)
        parts = _split(parsed.href)
        if parts["host"].endswith(".") and parts["host"].strip("."):
            # By the parser: without its dots a name can be the number of an address, or none at all.
            parsed.hostname = parts["host"].rstrip(".")
            parts = _split(parsed.href)
    except ValueError:
        hint = "" if "://" in url else ": a full address begins with https:// or http://"
        raise NotALink(f"This is not a valid URL{hint}.", field="url") from None
    return parts


def _split(href: str) -> dict[str, str]:
    match = PARTS.fullmatch(href)
    return match.groupdict("") if match else dict.fromkeys(PARTS.groupindex, "")


def _query_without_tracking(query: str) -> str:
    """Return the query, with a `?`, or nothing; the order of parameters can matter and is kept."""
    if not query:
        return ""
    pairs = [_normal_percent(pair) for pair in query.split("&")]
    kept = "&".join(pair for pair in pairs if not _is_tracking(pair.partition("=")[0].lower()))
    return kept and f"?{kept}"


def _is_tracking(name: str) -> bool:
    return name.startswith(TRACKING_PREFIX) or name in TRACKING_PARAMETERS


def _normal_percent(part: str) -> str:
    return PERCENT.sub(_normal_triplet, part) if "%" in part else part


def _normal_triplet(match: re.Match[str]) -> str:
    digits = match[1]
    if digits is None:
        return "%25"  # a stray percent sign; otherwise it could form a triplet with what follows
    value = int(digits, 16)
    return chr(value) if value in UNRESERVED else f"%{digits.upper()}"
