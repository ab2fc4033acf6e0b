"""What went wrong with the server's files or programs, as one sentence of our own.

Takes exceptions of the operating system and the text of PostgreSQL's log, and returns errors.
"""

from __future__ import annotations

import errno
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from linkhold.errors import (
    DiskFull,
    NotACluster,
    OtherMajorVersion,
    PermissionLost,
    ReadOnly,
    ServerFault,
)

SHARED_MEMORY_IN_USE = re.compile(r"pre-existing shared memory block .* is still in use")

_BY_NUMBER: dict[int, type[ServerFault]] = {
    errno.ENOSPC: DiskFull,
    errno.EDQUOT: DiskFull,
    errno.EROFS: ReadOnly,
    errno.EACCES: PermissionLost,
    errno.EPERM: PermissionLost,
    errno.ELOOP: PermissionLost,
    errno.ENOTDIR: NotACluster,
    errno.EEXIST: NotACluster,
}

_BY_TEXT: tuple[tuple[str, type[ServerFault]], ...] = (
    ("No space left on device", DiskFull),
    ("Disk quota exceeded", DiskFull),
    ("Read-only file system", ReadOnly),
    ("database files are incompatible with server", OtherMajorVersion),
    ("is not a database cluster directory", NotACluster),
    ("Permission denied", PermissionLost),
    ("Operation not permitted", PermissionLost),
    ("has wrong ownership", PermissionLost),
    ("has invalid permissions", PermissionLost),
)

_SENTENCES: dict[type[ServerFault], str] = {
    DiskFull: "There is no space left on the disk of {path}: make room, then start again.",
    ReadOnly: "{path} is on a read-only file system: make it writable, then start again.",
    PermissionLost: "{path} cannot be read and written by the user {user}: give it back to its owner.",
    NotACluster: "{path} is not a directory that Linkhold made: move it, or name another data directory.",
}

_COMPLAINT = re.compile(r"(?:FATAL|PANIC|ERROR|error):\s+(.*)")


@contextmanager
def told_about(path: Path) -> Iterator[None]:
    """Turn an exception of the operating system into a sentence about this path."""
    try:
        yield
    except OSError as error:
        raise from_os_error(error, path) from error


def from_os_error(error: OSError, path: Path) -> ServerFault:
    """Return what an exception of the operating system means for this path."""
    kind = _BY_NUMBER.get(error.errno or 0, ServerFault)
    if kind in {PermissionLost, ServerFault}:
        reason = error.strerror or str(error)
        return kind(f"{path} cannot be used as part of the data directory: {reason}.")
    return kind(_SENTENCES[kind].format(path=path, user=""))


def from_log(text: str, *, path: Path, user: str, log: Path) -> ServerFault:
    """Return what the text that PostgreSQL wrote before it ended means."""
    line = last_complaint(text)
    for words, kind in _BY_TEXT:
        if words in text:
            sentence = _SENTENCES.get(kind, "PostgreSQL cannot run on {path}.")
            return kind(f"{sentence.format(path=path, user=user)} (PostgreSQL: {line})")
    return ServerFault(f"PostgreSQL ended at its start: {line}. Its log is in {log}.")


def last_complaint(text: str) -> str:
    """Return the last line in which PostgreSQL says what it could not do."""
    complaints = _COMPLAINT.findall(text)
    lines = text.strip().splitlines() or ["it said nothing"]
    return str(complaints[-1] if complaints else lines[-1]).strip().rstrip(".")
