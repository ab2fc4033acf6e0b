"""Which links a person would call the same though their identities differ. Pure.

Looser than the identity, and wrong now and then: it suggests what to look at, and decides nothing.
"""

from __future__ import annotations

import hashlib
import re

# Hosts under which sites show the same pages again, for phones or for no reason.
INSIDE = re.compile(r"\.(?:m|mobile)\.(?=[^.]+\.[^.])")
PREFIX = re.compile(r"^(?:www\d?|m|mobile|amp|touch)\.(?=[^.]+\.)")
INDEX = re.compile(r"/(?:index|default)\.(?:html?|php|aspx?)$")


def loosened(identity: str) -> str:
    """Return an identity without scheme, `www.` and the like, fragment, trailing slash and case."""
    address = identity.partition("://")[2].partition("#")[0].lower()
    place, _, rest = address.partition("/")
    path, mark, query = rest.partition("?")
    path = INDEX.sub("", f"/{path}").rstrip("/")
    return f"{PREFIX.sub('', INSIDE.sub('.', place))}{path}{mark}{query}"


def number(identity: str) -> int:
    """Return 63 bits that links which resemble one another share, and hardly any others."""
    return int.from_bytes(hashlib.sha256(loosened(identity).encode()).digest()[:8]) >> 1
