"""The wheel: what is installed from it serves, with nothing of the clone beside it."""

from __future__ import annotations

import subprocess
import sys
import sysconfig
from collections.abc import Callable
from pathlib import Path

import pytest

from system.served import Served

ROOT = Path(__file__).parent.parent.parent


@pytest.fixture
def installed(tmp_path: Path) -> Path:
    """Build the wheel, install it into a fresh environment, and return that; it needs no network.

    What it depends on is found where it is installed already. The clone itself is not: Python follows
    the links to it that lie in such a directory only if the directory is an environment's own.
    """
    python = sys.executable
    build = [python, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path / "built")]
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True)
    [wheel] = (tmp_path / "built").glob("linkhold-*.whl")
    fresh = tmp_path / "fresh"
    subprocess.run([python, "-m", "venv", "--without-pip", fresh], check=True)
    pip = [python, "-m", "pip", "--python", str(fresh / "bin/python"), "--disable-pip-version-check"]
    subprocess.run([*pip, "install", "--quiet", "--no-deps", "--no-index", wheel], check=True)
    [packages] = fresh.glob("lib/python*/site-packages")
    (packages / "dependencies.pth").write_text(sysconfig.get_path("purelib"))
    return fresh


def test_what_is_installed_from_the_wheel_serves(installed: Path, make_served: Callable[..., Served]) -> None:
    where = [str(installed / "bin/python"), "-c", "import linkhold; print(linkhold.__file__)"]
    found = subprocess.run(where, capture_output=True, text=True, check=True, cwd=installed).stdout
    assert found.startswith(str(installed))
    served = make_served(command=[str(installed / "bin/linkhold"), "serve"])
    served.start()
    assert served.request("POST", "/api/v1/links", {"url": "https://example.com/"})[0] == 201
    # What is no module comes along too: templates, styles, translations, the description of the API.
    status, page, _ = served.request("GET", "/login")
    assert (status, b'<html lang="' in page) == (200, True)
    style = page.partition(b'rel="stylesheet" href="')[2].partition(b'"')[0].decode()
    assert served.request("GET", style)[0] == 200
    assert served.request("GET", "/api/v1/docs")[0] == 200
    german = served.connect()
    german.request("GET", "/login", headers={"Accept-Language": "de"})
    assert b'<html lang="de"' in german.getresponse().read()
    german.close()
    assert served.stop() == 0
