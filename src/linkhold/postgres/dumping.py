"""Dumps of the embedded database: set aside before an upgrade, and put back by command."""

from __future__ import annotations

import contextlib
import os
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from linkhold import clock
from linkhold.errors import DumpFailed
from linkhold.postgres import places

KEPT = 3
"""So many dumps are kept, the newest."""
SUFFIX = ".dump"


@dataclass(frozen=True, slots=True)
class Client:
    """The programs that talk to a server, and the variables that tell them where it is."""

    bin_dir: Path
    variables: Mapping[str, str]

    def run(self, program: str, arguments: Sequence[str | Path]) -> None:
        """Run a program; raises `subprocess.CalledProcessError` with what it wrote."""
        subprocess.run(  # noqa: S603 - the program is PostgreSQL's
            [self.bin_dir / program, *arguments],
            env={"PATH": "/usr/bin:/bin", "LC_ALL": "C", **self.variables},
            check=True,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
        )


def dump(client: Client, directory: Path, *, label: str) -> Path:
    """Write the database to a new file, whole or not at all, and forget the oldest ones.

    Raises `DumpFailed`.
    """
    target = directory / f"{clock.now():%Y%m%d-%H%M%S-%f}-{label}{SUFFIX}"
    part = target.with_suffix(".part")
    try:
        directory.mkdir(mode=0o700, exist_ok=True)
        client.run("pg_dump", ["--format=custom", "--no-password", f"--file={part}"])
        with part.open("rb") as written:
            os.fsync(written.fileno())
        part.rename(target)
        places.sync_dir(directory)
    except (OSError, subprocess.CalledProcessError) as error:
        with contextlib.suppress(OSError):
            part.unlink()
        raise DumpFailed(f"The database could not be dumped to {directory}: {_reason(error)}") from error
    for old in dumps(directory)[:-KEPT]:
        old.unlink(missing_ok=True)
    return target


def restore(client: Client, path: Path, *, database: str) -> None:
    """Fill an empty database from a dump; raises `DumpFailed`."""
    try:
        client.run(
            "pg_restore",
            ["--exit-on-error", "--single-transaction", "--no-owner", f"--dbname={database}", path],
        )
    except (OSError, subprocess.CalledProcessError) as error:
        raise DumpFailed(f"{path} could not be restored: {_reason(error)}") from error


def dumps(directory: Path) -> list[Path]:
    """Return the dumps of a directory, the oldest first."""
    return sorted(directory.glob(f"*{SUFFIX}"))


def moment(path: Path) -> datetime:
    """Return when a dump was made, in UTC."""
    return datetime.strptime(path.name[:15] + " +0000", "%Y%m%d-%H%M%S %z")


def _reason(error: OSError | subprocess.CalledProcessError) -> str:
    if isinstance(error, subprocess.CalledProcessError):
        return " ".join(str(error.stdout).split())[-600:]
    return str(error.strerror or error)
