"""The static files, under addresses that change with them.

All of them stand below one mark, made of all their contents, so that a script can import its
neighbours by their plain names.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path

from flask import Response, request
from markupsafe import Markup

from linkhold.doors.web.blueprint import bp
from linkhold.errors import NotFound

STATIC = Path(__file__).parent / "static"
ELSEWHERE = {"service-worker.js", "copy.js"}
"""Scripts that pages do not load with the others."""
FOR_EVER = "public, max-age=31536000, immutable"
BY_THEMSELVES = {"close.js", "kept.js"}
"""Scripts of a page that has none of the others."""
TYPES = {".css": "text/css", ".png": "image/png", ".js": "text/javascript", ".svg": "image/svg+xml"}


@cache
def _files() -> Mapping[str, bytes]:
    """Return the files; the one stylesheet is the parts of `style/`, in the order of their names."""
    files = {path.name: path.read_bytes() for path in sorted(STATIC.iterdir()) if path.suffix in TYPES}
    style = b"\n".join(path.read_bytes() for path in sorted((STATIC / "style").iterdir()))
    return {**files, "style.css": style}


@cache
def _mark() -> str:
    """Return what stands in the address of every static file and changes with any of them."""
    whole = hashlib.sha256()
    for name, content in _files().items():
        whole.update(f"{name}\0{len(content)}\0".encode() + content)
    return whole.hexdigest()[:12]


def export(directory: Path) -> Path:
    """Write the static files, compressed beside themselves, for a proxy that answers them; returns where.

    The directory to serve is the one that is given: below it stands the mark, as in the addresses.
    """
    target = directory / f"static-{_mark()}"
    target.mkdir(parents=True, exist_ok=True)
    for name, content in _files().items():
        (target / name).write_bytes(content)
        (target / f"{name}.gz").write_bytes(gzip.compress(content, mtime=0))
    return target


@bp.get("/static-<mark>/<name>")
def static_file(mark: str, name: str) -> Response:
    """Answer a static file; its address changes with it, so it may be kept for ever."""
    content = _files().get(name)
    if content is None or mark != _mark():
        raise NotFound
    return Response(content, mimetype=TYPES[Path(name).suffix], headers={"Cache-Control": FOR_EVER})


@bp.app_template_global()
def static_url(name: str) -> str:
    """Return the address of a static file."""
    return f"{request.script_root}/static-{_mark()}/{name}"


def with_addresses(name: str, *, parts: Iterable[str] = ()) -> str:
    """Return a script that knows the mark of the static files, as `MARK`, and their addresses, as `FILES`.

    `parts` are modules that become a part of it: not every browser lets a worker import.
    """
    own = {name, "icons.LICENSE"}
    addresses = [static_url(each) for each in _files() if each not in own]
    head = f"const MARK = {json.dumps(_mark())};\nconst FILES = {json.dumps(addresses)};\n"
    modules = (_files()[each].decode() for each in parts)
    whole = "".join(re.sub(r"^export ", "", each, flags=re.MULTILINE) for each in modules)
    return head + whole + _files()[name].decode()


@bp.app_template_global()
def icon(name: str) -> Markup:
    """Return an icon of the sprite."""
    return _icon(static_url("icons.svg"), name)


@cache
def _icon(sprite: str, name: str) -> Markup:
    return Markup('<svg class="icon" aria-hidden="true"><use href="{}#{}"/></svg>').format(sprite, name)


@bp.app_template_global()
def scripts() -> list[str]:
    """Return the names of the modules, for a page to announce them before they are asked for."""
    return [name for name in _files() if name.endswith(".js") and name not in BY_THEMSELVES | ELSEWHERE]


@bp.app_template_global()
def mark() -> Markup:
    """Return the icon as part of a page, so that it takes the page's colours."""
    return Markup(_files()["icon.svg"].decode())  # noqa: S704 - a file of our own
