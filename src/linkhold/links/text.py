"""What text can be stored at all. Pure."""

from __future__ import annotations


def can_be_stored(value: str) -> bool:
    """Tell whether PostgreSQL's UTF-8 text can hold this: neither NUL nor half of a surrogate pair."""
    if "\0" in value:
        return False
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True
