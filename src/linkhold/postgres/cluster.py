"""The cluster of files: made whole or not at all, and checked before a server is let near it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from linkhold.errors import NotACluster, OtherMajorVersion, ServerFault
from linkhold.postgres import faults, places
from linkhold.postgres.places import Place
from linkhold.postgres.programs import Hands

SUPERUSER = "postgres"
ROLE = "linkhold"
DATABASE = "linkhold"
RESTORED = f"{DATABASE}_restored"
"""A database that is being filled from a dump."""
BEFORE = f"{DATABASE}_before_"
"""How the name of one begins in whose place a dump was put."""

# The C library's locale decides what is a letter for full-text search; the names differ by system.
_LOCALE = "en_US.UTF-8" if sys.platform == "darwin" else "C.UTF-8"
_BUILTIN_LOCALE_SINCE = 17

# One command a line, as single-user mode reads them. A new database lets everyone connect, even though
# nobody else gets past pg_hba.conf: two locks are better than one.
_FOUNDATION = f"""\
CREATE ROLE {ROLE} LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS;
ALTER ROLE {ROLE} SET log_error_verbosity = terse;
CREATE DATABASE {DATABASE} OWNER {ROLE};
REVOKE ALL ON DATABASE {DATABASE} FROM PUBLIC;
REVOKE ALL ON DATABASE postgres FROM PUBLIC;
REVOKE ALL ON DATABASE template1 FROM PUBLIC;
"""


def exists(place: Place) -> bool:
    """Tell whether there is something by the name of the cluster."""
    with faults.told_about(place.data):
        try:
            place.data.lstat()
        except FileNotFoundError:
            return False
    return True


def other_version(place: Place, major: int, *, ours: int) -> OtherMajorVersion:
    """Return what there is to say of a cluster that cannot be used, and not be upgraded either."""
    return OtherMajorVersion(
        f"{place.data} was made by PostgreSQL {major}, and this Linkhold brings PostgreSQL "
        f"{ours}, which cannot read it. Nothing was changed: take a backup with the "
        "Linkhold that made it, and restore that here into an empty data directory."
    )


def read_major(place: Place) -> int:
    """Return the major version of PostgreSQL that made the cluster."""
    try:
        with faults.told_about(place.data):
            return int((place.data / "PG_VERSION").read_text(encoding="ascii"))
    except (ServerFault, ValueError) as error:
        if isinstance(error, ServerFault) and not isinstance(error.__cause__, FileNotFoundError):
            raise
        raise NotACluster(
            f"{place.data} is not a PostgreSQL cluster that Linkhold made. If a disk belongs there, mount "
            "it; otherwise move it away, and a new one will be made."
        ) from error


def create(place: Place, hands: Hands, *, durable: bool) -> None:
    """Make a new cluster with the application's role and database.

    It gets its name when all of it is on the disk: what a crash, a full disk or Ctrl-C leaves half-made has
    another name, and is thrown away by the next attempt.
    """
    try:
        discard_unfinished(place)
        places.make_private(place.unfinished, hands.user)
        with places.opened(place.unfinished) as handle:
            _fill(hands.name_of(place.unfinished, handle), handle, hands, durable=durable)
        with faults.told_about(place.data):
            place.unfinished.rename(place.data)
    except subprocess.CalledProcessError as error:
        raise faults.from_log(error.stdout, path=place.root, user=hands.user.name, log=place.log) from error
    finally:
        discard_unfinished(place)
    for path in (place.root, place.home):
        places.sync_dir(path)


def discard_unfinished(place: Place) -> None:
    """Throw away a cluster that was never completed."""
    with faults.told_about(place.unfinished):
        if place.unfinished.is_dir():
            shutil.rmtree(place.unfinished)


def _fill(name: str, handle: int, hands: Hands, *, durable: bool) -> None:
    hands.run("initdb", [*initdb_arguments(hands.binaries.major), "-D", name], passing=[handle])
    # In single-user mode an error is only printed, unless it is told to end.
    single = ["--single", "-D", name, "-c", "exit_on_error=on", "-c", "fsync=off", "postgres"]
    hands.run("postgres", single, passing=[handle], text=_FOUNDATION)
    if durable:
        hands.run("initdb", ["--sync-only", "-D", name], passing=[handle])


def initdb_arguments(major: int) -> list[str]:
    """Return how a cluster is made with the programs of a major version."""
    arguments = [
        "--data-checksums",
        "--encoding=UTF8",
        f"--locale={_LOCALE}",
        "--lc-messages=C",
        "--auth=peer",
        f"--username={SUPERUSER}",
        "--no-sync",
        "--no-instructions",
    ]
    if major >= _BUILTIN_LOCALE_SINCE:
        # PostgreSQL's own rules for letters sort the same after an upgrade of the C library.
        arguments += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
    return arguments


def write_access_rules(data: Path, handle: int, *, names: list[str]) -> None:
    """Write who may connect: those users of this machine, as any role, over the socket; nobody else."""
    files = {
        "pg_hba.conf": "local all all peer map=linkhold\n",
        "pg_ident.conf": "".join(
            f'linkhold "{name}" {role}\n' for name in names for role in (ROLE, SUPERUSER)
        ),
    }
    for name, text in files.items():
        with faults.told_about(data / name):
            same = (data / name).read_bytes() == text.encode()
        if not same:
            put(data, handle, name, text=text)


def put(data: Path, handle: int, name: str, *, text: str) -> None:
    """Replace one file of the cluster, which keeps the owner of the cluster."""
    with faults.told_about(data / name):
        new = f"{name}.new"
        flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW | os.O_CLOEXEC
        file = os.open(new, flags, 0o600, dir_fd=handle)
        with os.fdopen(file, "w", encoding="utf-8") as stream:
            stream.write(text)
            if os.geteuid() == 0:
                owner = os.fstat(handle)
                os.fchown(file, owner.st_uid, owner.st_gid)
        os.rename(new, name, src_dir_fd=handle, dst_dir_fd=handle)
