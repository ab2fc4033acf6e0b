"""Secrets that programs beside Linkhold know: each in a file of its own that only the service can read."""

from __future__ import annotations

import hmac
import os
import secrets
from pathlib import Path

from linkhold.errors import KeyUnreadable

METRICS = "metrics"
KEYS = {METRICS: "what a monitoring system shows to read /metrics"}
"""Every key there is, and what it is for."""


def path(data_dir: Path, name: str) -> Path:
    """Return where a key is kept."""
    return data_dir / "keys" / name


def get(data_dir: Path, name: str) -> str:
    """Return a key, made now if there is none yet; raises `KeyUnreadable`."""
    found = path(data_dir, name)
    try:
        if not found.exists():
            return _write(found, replace=False)
        return found.read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise KeyUnreadable(f"The key {found} cannot be read: {_reason(error)}.") from error


def rotate(data_dir: Path, name: str) -> str:
    """Make a key anew and return it; the old one is worthless at once. Raises `KeyUnreadable`."""
    found = path(data_dir, name)
    try:
        return _write(found, replace=True)
    except OSError as error:
        raise KeyUnreadable(f"The key {found} cannot be written: {_reason(error)}.") from error


def is_right(data_dir: Path, name: str, given: str) -> bool:
    """Tell whether somebody shows the key; takes the same time whatever was shown."""
    return hmac.compare_digest(get(data_dir, name).encode(), given.encode())


def _write(found: Path, *, replace: bool) -> str:
    """Write a new key whole, so that nobody ever reads half of it; of two that make it at once, one wins."""
    found.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    key = secrets.token_hex(24)
    new = found.with_name(f".{found.name}.{secrets.token_hex(4)}")
    descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(f"{key}\n")
        file.flush()
        os.fsync(descriptor)
    try:
        if replace:
            new.replace(found)
        else:
            os.link(new, found)
    except FileExistsError:
        return found.read_text(encoding="ascii").strip()
    finally:
        new.unlink(missing_ok=True)
    return key


def _reason(error: Exception) -> str:
    return getattr(error, "strerror", None) or "it is not text"
