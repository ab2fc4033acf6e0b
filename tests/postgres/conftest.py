"""Real servers in directories of their own; whatever a test does to one, it is stopped afterwards."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

import needs
from linkhold.postgres import binaries, places, server
from linkhold.postgres.binaries import Binaries
from linkhold.postgres.lease import Lease
from postgres import machine


def _memory() -> Path | None:
    """Return where files are in memory, if there is room: most tests are about copies of 46 MB."""
    shared = Path("/dev/shm")  # noqa: S108 - the directories made in it are private
    roomy = shared.is_dir() and os.access(shared, os.W_OK) and shutil.disk_usage(shared).free > 2**30
    return shared if roomy else None


@pytest.fixture
def new_dir() -> Iterator[Path]:
    """Return a data directory that does not exist yet."""
    with tempfile.TemporaryDirectory(prefix="linkhold-test-", dir=_memory()) as parent:
        directory = Path(parent) / "data"
        yield directory
        machine.end(directory)


@pytest.fixture(scope="session")
def template() -> Iterator[Path]:
    """Make one cluster for all tests of this process that are not about making one."""
    with tempfile.TemporaryDirectory(prefix="linkhold-test-", dir=_memory()) as parent:
        directory = Path(parent) / "data"
        server.acquire(directory, say=print, extra_settings=machine.UNSAFE).close()
        yield directory


@pytest.fixture
def data_dir(new_dir: Path, template: Path) -> Path:
    """Return a data directory with a cluster, whose server does not run."""
    subprocess.run(["cp", "-a", template, new_dir], check=True)
    return new_dir


@pytest.fixture
def short_dir() -> Iterator[Path]:
    """Return a data directory to which every user can walk, though not enter it."""
    with tempfile.TemporaryDirectory(prefix="linkhold-test-", dir=_memory()) as name:
        directory = Path(name)
        directory.chmod(0o755)
        yield directory
        machine.end(directory)


@pytest.fixture
def said() -> list[str]:
    """Collect what the person who waits is told."""
    return []


@pytest.fixture
def acquire(said: list[str]) -> Iterator[Callable[..., Lease]]:
    """Return `server.acquire` without the wait for the disk; what it gives is closed afterwards."""
    with ExitStack() as leases:

        def quickly(
            directory: Path, *, using: Binaries | None = None, settings: dict[str, str] | None = None
        ) -> Lease:
            extra = {**machine.UNSAFE, **(settings or {})}
            lease = server.acquire(directory, say=said.append, binaries=using, extra_settings=extra)
            leases.callback(lease.close)
            return lease

        yield quickly


@pytest.fixture(params=["bundled", "debian"])
def programs(request: pytest.FixtureRequest) -> Binaries:
    """Return the wheel's PostgreSQL, and an older one of the system."""
    if request.param == "bundled":
        return binaries.bundled()
    return binaries.at(needs.debian_postgres())


@pytest.fixture
def mounted(tmp_path: Path) -> Iterator[Callable[[int], Path]]:
    """Return a function that mounts a small disk of so many megabytes and returns its directory."""
    points = []

    def mount(megabytes: int) -> Path:
        point = tmp_path / "disk"
        point.mkdir()
        result = subprocess.run(
            ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m,mode=0700", "linkhold-test", point],
            capture_output=True,
            check=False,
        )
        if result.returncode != 0:
            needs.missing("the right to mount a disk")
        points.append(point)
        return point

    yield mount
    for point in points:
        machine.end(point)
        shutil.rmtree(places.at(point).socket_dirs()[1], ignore_errors=True)
        subprocess.run(["umount", "--lazy", point], check=True)
