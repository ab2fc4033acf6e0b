"""The pictures of the README are made by a script that works."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import needs

ROOT = Path(__file__).parents[2]


@pytest.mark.embedded
def test_the_pictures_of_the_readme_are_made(tmp_path: Path) -> None:
    needs.program("chromium")
    command = [sys.executable, "-m", "tools.screenshots", "--directory", str(tmp_path)]
    subprocess.run(command, cwd=ROOT, check=True, timeout=240, stdout=subprocess.DEVNULL)
    made = {path.name for path in tmp_path.iterdir()}
    assert made == {path.name for path in (ROOT / "docs/images").iterdir()}
    assert all((tmp_path / name).read_bytes().startswith(b"\x89PNG") for name in made)
