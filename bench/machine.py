"""What the numbers were measured on, in a few lines."""

from __future__ import annotations

import platform
import subprocess
from importlib import metadata
from pathlib import Path

import psutil

from linkhold.postgres import binaries

PACKAGES = ("flask", "granian", "gunicorn", "psycopg", "sqlalchemy")
IN_MEMORY = {"tmpfs", "ramfs"}


def describe(place: Path) -> str:
    """Return a list in Markdown: processor, memory, disk, system, versions, and how busy it is."""
    memory = psutil.virtual_memory().total / 2**30
    load = ", ".join(f"{each:.2f}" for each in psutil.getloadavg())
    system = platform.freedesktop_os_release().get("PRETTY_NAME", platform.system())
    versions = ", ".join(f"{name} {metadata.version(name)}" for name in PACKAGES)
    lines = (
        f"{psutil.cpu_count()} cores of {_processor()}, {memory:.0f} GB of memory, {filesystem(place)}",
        f"{system}, Linux {platform.release()}",
        f"Python {platform.python_version()}, PostgreSQL {binaries.bundled().version}",
        f"Linkhold {metadata.version('linkhold')} at commit {_commit()}; {versions}",
        f"load average at the start: {load}",
    )
    return "\n".join(f"- {line}" for line in lines)


def filesystem(place: Path) -> str:
    """Return the type of the file system that a directory is on."""
    mounts = [each for each in psutil.disk_partitions(all=True) if place.is_relative_to(each.mountpoint)]
    return max(mounts, key=lambda each: len(each.mountpoint)).fstype if mounts else "an unknown file system"


def keeps(place: Path) -> bool:
    """Tell whether what is written to a directory would outlive the machine's power."""
    return filesystem(place) not in IN_MEMORY


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()


def _commit() -> str:
    def git(*arguments: str) -> str:
        done = subprocess.run(
            ["git", *arguments], cwd=Path(__file__).parent, capture_output=True, text=True, check=False
        )
        return done.stdout.strip()

    commit = git("rev-parse", "--short", "HEAD") or "unknown"
    return f"{commit} with changes" if git("status", "--porcelain", "--", "../src") else commit
