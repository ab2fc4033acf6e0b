"""The machine: programs, files and their permissions, room on the disk, limits."""

from __future__ import annotations

import os
import platform
import resource
import shutil
import stat
from collections.abc import Iterator
from pathlib import Path

import linkhold
from linkhold import keys
from linkhold.config import Settings
from linkhold.db import clients
from linkhold.doctor import units
from linkhold.doctor.finding import Finding, fault, ok, warning

ENVIRONMENT = Path("/etc/linkhold/environment")
# Where Debian's PostgreSQL keeps its databases.
POSTGRESQL = Path("/var/lib/postgresql")
LITTLE, VERY_LITTLE = 2 << 30, 256 << 20
FILES_OF_A_THREAD = 4


def examine(settings: Settings, *, needed: int) -> Iterator[Finding]:
    """Look at the machine; `needed` is the size of the database, in bytes."""
    yield ok("version", f"Linkhold {linkhold.__version__} on Python {platform.python_version()}")
    yield _data_dir(settings.data_dir)
    yield from _private_files(settings)
    yield _disk(settings.data_dir, needed)
    if (
        _has_debians_database(settings)
        and POSTGRESQL.stat().st_dev != _standing(settings.data_dir).stat().st_dev
    ):
        yield _disk(POSTGRESQL, needed)
    yield _open_files(settings)


def _data_dir(path: Path) -> Finding:
    try:
        found = path.stat()
    except FileNotFoundError:
        return ok("data directory", f"{path} is not there yet; the first start makes it")
    except OSError as error:
        return fault("data directory", f"{path}: {error.strerror}", "Run this as the user of the service.")
    if found.st_uid != os.geteuid() and os.geteuid() != 0:
        return fault(
            "data directory", f"{path} belongs to another user", "Run this as the user of the service."
        )
    if stat.S_IMODE(found.st_mode) & 0o077:
        return fault("data directory", f"others can look into {path}", f"chmod 700 {path}")
    return ok("data directory", f"{path} is its owner's alone")


def _private_files(settings: Settings) -> Iterator[Finding]:
    files = [keys.path(settings.data_dir, name) for name in keys.KEYS]
    for path in [*files, ENVIRONMENT]:
        try:
            mode = stat.S_IMODE(path.stat().st_mode)
        except OSError:
            continue  # Not made yet, or out of our sight and so of others' too.
        if mode & 0o007:
            yield fault("secrets", f"everybody can read {path}", f"chmod o= {path}")
        else:
            yield ok("secrets", f"{path} is not for everybody")


def _has_debians_database(settings: Settings) -> bool:
    url = settings.database_url
    return url is not None and not clients.hosts(url.get_secret_value()) and POSTGRESQL.exists()


def _standing(path: Path) -> Path:
    """Return it, or what it will be made in."""
    return next(each for each in (path, *path.parents) if each.exists())


def _disk(path: Path, needed: int) -> Finding:
    free = shutil.disk_usage(_standing(path)).free
    state = f"{free >> 20} MiB free for {path}"
    if free < VERY_LITTLE:
        return fault("disk", state, "Make room: saves are refused when the disk is full, and none is lost.")
    if free < max(LITTLE, needed):
        return warning("disk", state, "Make room: an upgrade sets a copy of the database aside first.")
    return ok("disk", state)


def _open_files(settings: Settings) -> Finding:
    # Ours is that of the shell that we were called from; the service has its own.
    of_service = units.open_files_of_the_service()
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[0] if of_service is None else of_service
    needed = settings.threads * FILES_OF_A_THREAD + 256
    whose = "started from here" if of_service is None else "of the service"
    state = f"{most} files may be open in a process {whose}"
    if 0 <= most < needed:
        return warning(
            "limits", state, f"Raise it to {needed} at least: ulimit -n, or LimitNOFILE in the unit."
        )
    return ok("limits", state)
