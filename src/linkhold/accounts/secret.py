"""Secrets of programs and browsers: how they are made, written and recognised. Pure, but for chance.

The text of a secret begins with the number of its account, so that it is looked up by a key that
the account leads. What is stored is the SHA-256 of the whole text: with 160 random bits there is
nothing that a slow hash would add.
"""

from __future__ import annotations

import hashlib
import re
import secrets

RANDOM_BYTES = 20
TOKEN_PREFIX = "lh"  # noqa: S105 - a prefix by which people and scanners recognise a token
SESSION_PREFIX = "lhs"
PAIRING_PREFIX = "lhp"
FEED_PREFIX = "lhf"
SHAPE = re.compile(r"(lh[spf]?)_([1-9][0-9]{0,18})_([0-9a-f]{40})")


def issue(prefix: str, owner: int) -> str:
    """Return a new secret of an account, like `lh_1_` and 40 hexadecimal digits."""
    return f"{prefix}_{owner}_{secrets.token_hex(RANDOM_BYTES)}"


def issue_ownerless() -> str:
    """Return a new secret that belongs to nobody yet: that of an invitation."""
    return secrets.token_urlsafe(RANDOM_BYTES)


def owner_of(text: str, prefix: str) -> int | None:
    """Return the account that a secret claims to be of; None when it is no secret of this kind."""
    match = SHAPE.fullmatch(text)
    if match is None or match[1] != prefix:
        return None
    owner = int(match[2])
    return owner if owner < 2**63 else None


def digest(text: str) -> bytes:
    """Return what is stored of a secret: 32 bytes."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()
