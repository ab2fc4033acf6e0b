"""Dumps of the embedded database: set aside before an upgrade, and put back by command."""

from __future__ import annotations

import contextlib
import os
import re
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from linkhold import clock
from linkhold.errors import DumpFailed
from linkhold.postgres import places

KEPT = 3
"""Of so many labels, the last ones, the newest dump is kept."""
RECENT = timedelta(minutes=10)
SUFFIX = ".dump"
STAYS = "kept-"
"""A dump whose label begins so stays until a person removes it."""
NAME = re.compile(r"\d{8}-\d{6}-\d{6}-(?P<label>.+)\.dump")


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
    """Write the database to a new file, whole or not at all, and forget older ones of the same label.

    Of other labels a few are kept: each is the last that was of a schema, and no attempt pushes it out.
    Those that a person wants to keep (`STAYS`) are neither counted nor forgotten.

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
    _forget_old(directory)
    return target


def recent(directory: Path, *, label: str) -> Path | None:
    """Return a dump with this label that is only minutes old, or None.

    A migration that fails is tried again and again: its dumps would take the time and the room of others.
    """
    made = [path for path in dumps(directory) if _label(path) == label]
    return made[-1] if made and clock.now() - moment(made[-1]) < RECENT else None


def _forget_old(directory: Path) -> None:
    passing = [path for path in dumps(directory) if not _label(path).startswith(STAYS)]
    newest = {_label(path): path for path in passing}
    kept = sorted(newest.values())[-KEPT:]
    for path in passing:
        if path not in kept:
            path.unlink(missing_ok=True)


def _label(path: Path) -> str:
    return NAME.sub(r"\g<label>", path.name)


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
    """Return our dumps of a directory, the oldest first; what somebody laid beside them is not ours."""
    return sorted(path for path in directory.glob(f"*{SUFFIX}") if _is_ours(path))


def _is_ours(path: Path) -> bool:
    if NAME.fullmatch(path.name) is None:
        return False
    try:
        moment(path)
    except ValueError:
        return False
    return True


def moment(path: Path) -> datetime:
    """Return when a dump was made, in UTC."""
    return datetime.strptime(path.name[:15] + " +0000", "%Y%m%d-%H%M%S %z")


def _reason(error: OSError | subprocess.CalledProcessError) -> str:
    if isinstance(error, subprocess.CalledProcessError):
        return " ".join(str(error.stdout).split())[-600:]
    return str(error.strerror or error)
