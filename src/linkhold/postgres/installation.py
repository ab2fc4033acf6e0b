"""Lets the user that root drops to run the programs, by a copy of them when they are out of its reach.

Installed below /root they are, and no directory of others is opened for it.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import stat
import subprocess
import tempfile
from pathlib import Path

from linkhold.errors import PermissionLost
from linkhold.postgres import faults
from linkhold.postgres.binaries import PACKAGE, Binaries
from linkhold.postgres.privileges import OsUser

CACHE = Path("/var/cache/linkhold")
# Those of every day; those that pg_upgrade runs; and those that dump and restore.
_PROGRAMS = (
    "initdb",
    "pg_controldata",
    "pg_ctl",
    "pg_dump",
    "pg_dumpall",
    "pg_resetwal",
    "pg_restore",
    "pg_upgrade",
    "postgres",
    "psql",
    "vacuumdb",
)
_LIBRARIES = f"{PACKAGE}.libs"
"""The wheel's shared libraries lie beside its package; its programs find them by a relative path."""


def within_reach(binaries: Binaries, user: OsUser, *, cache: Path = CACHE) -> Binaries:
    """Return programs that this user can run: these, or a copy of them that root keeps."""
    if not user.dropped_to or _can_run(binaries.bin_dir, user):
        return binaries
    with faults.told_about(cache):
        bin_dir = _copy(binaries, cache)
    if not _can_run(bin_dir, user):
        raise PermissionLost(f"The user {user.name} cannot run PostgreSQL's programs in {bin_dir}.")
    return Binaries(bin_dir, binaries.version, binaries.major)


def _can_run(bin_dir: Path, user: OsUser) -> bool:
    """Try it: whether a program can be run has more reasons than permissions."""
    try:
        subprocess.run(  # noqa: S603 - the program is PostgreSQL's
            [bin_dir / "initdb", "--version"],
            check=True,
            capture_output=True,
            cwd="/",
            env={},
            user=user.uid,
            group=user.gid,
            extra_groups=[],
        )
    except (OSError, subprocess.CalledProcessError):
        return False
    return True


def _copy(binaries: Binaries, cache: Path) -> Path:
    """Copy the programs into the cache if they are not in it; the copy appears there whole."""
    _check_cache(cache)
    origin = binaries.bin_dir.parent
    target = cache / f"postgresql-{binaries.version}-{_fingerprint(origin)}"
    if not target.is_dir():
        making = Path(tempfile.mkdtemp(prefix="making-", dir=cache))
        try:
            _fill(making, origin)
            making.rename(target)
        except OSError:
            if not target.is_dir():  # it is, when another process was faster
                raise
        finally:
            shutil.rmtree(making, ignore_errors=True)
    return target / PACKAGE / origin.name / "bin"


def _check_cache(cache: Path) -> None:
    cache.mkdir(mode=0o755, parents=True, exist_ok=True)
    found = cache.lstat()
    others_write = stat.S_IMODE(found.st_mode) & 0o022
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid() or others_write:
        raise PermissionLost(f"{cache} must be a directory in which only root can write: remove it.")


def _fill(making: Path, origin: Path) -> None:
    home = making / PACKAGE / origin.name
    (home / "bin").mkdir(parents=True)
    for program in _PROGRAMS:
        shutil.copy2(origin / "bin" / program, home / "bin" / program)
    for part in ("lib", "share"):
        shutil.copytree(origin / part, home / part, ignore=shutil.ignore_patterns("*.a", "pgxs", "pkgconfig"))
    libraries = origin.parent.parent / _LIBRARIES
    if libraries.is_dir():
        shutil.copytree(libraries, making / _LIBRARIES)
    for directory, _, names in os.walk(making):
        Path(directory).chmod(0o755)
        for name in names:
            path = Path(directory) / name
            path.chmod(0o755 if path.stat().st_mode & 0o100 else 0o644)


def _fingerprint(origin: Path) -> str:
    """Return a name that changes when the installation does."""
    digest = hashlib.sha256(os.fsencode(origin))
    for part in ("bin", "lib", "share"):
        for path in sorted((origin / part).rglob("*")):
            found = path.lstat()
            digest.update(f"{path.name} {found.st_size} {found.st_mtime_ns}\n".encode(errors="replace"))
    return digest.hexdigest()[:16]
