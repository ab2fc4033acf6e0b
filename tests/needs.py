"""What some tests need beside Python: where it is missing they are skipped, and in CI they fail."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import NoReturn

import pytest

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="needs root")

DEBIAN_POSTGRES = Path("/usr/lib/postgresql/15/bin")


def missing(what: str) -> NoReturn:
    """Skip a test for want of something, or fail it where nothing may be skipped."""
    if os.environ.get("CI_NOTHING_SKIPPED") == "1":
        pytest.fail(f"nothing may be skipped here, and there is no {what}")
    pytest.skip(f"needs {what}")


def program(name: str, package: str | None = None) -> str:
    """Return the path of a program."""
    found = shutil.which(name)
    if found is None:
        missing(f"{name} (apt install {package or name})")
    return found


def root() -> None:
    """See that the test runs as root."""
    if os.geteuid() != 0:
        missing("root")


def debian_postgres() -> Path:
    """Return the directory of the programs of Debian's PostgreSQL 15."""
    if not (DEBIAN_POSTGRES / "postgres").exists():
        missing("PostgreSQL 15 (apt install postgresql-15)")
    return DEBIAN_POSTGRES
