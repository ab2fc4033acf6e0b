"""What is in the repository is anybody's: no file names a registry of packages, or a place on a machine."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

import needs

ROOT = Path(__file__).parent.parent
# With a mirror, or without a network, a name in a file would be asked all the same.
REGISTRY = re.compile(rb"pypi\.org|pythonhosted\.org|npmjs\.(?:org|com)|yarnpkg\.com|crates\.io")
SOMEBODYS = re.compile(
    rb"(?<![\w.])/(?:home|Users|root|work|mnt|opt/pypi)/[A-Za-z]|/tmp/\w+/\w|[A-Z]:\\Users"
)


def tracked() -> list[Path]:
    command = [needs.program("git"), "-C", str(ROOT), "ls-files", "-z"]
    found = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    return [ROOT / name for name in found.split("\0") if name and (ROOT / name).is_file()]


@pytest.mark.parametrize("pattern", [REGISTRY, SOMEBODYS], ids=["registry", "machine"])
def test_no_file_names_a_registry_or_a_place_on_somebodys_machine(pattern: re.Pattern[bytes]) -> None:
    files = tracked()
    assert len(files) > 100
    found = [(path.name, match[0]) for path in files for match in pattern.finditer(path.read_bytes())]
    assert found == []


def test_such_names_would_be_found() -> None:
    for host in ("pypi", "files.pythonhosted"):
        assert REGISTRY.search(f"https://{host}.org/simple/".encode())
    for place in ("home/ada", "Users/ada", "root/linkhold", "tmp/clone/linkhold"):
        assert SOMEBODYS.search(f"at /{place}".encode())
