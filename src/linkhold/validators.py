"""What a setting may be: each takes a value, refuses it with the reason, or returns it made tidy."""

from __future__ import annotations

import ipaddress
import re
from pathlib import Path

from pydantic import SecretStr

ORIGIN = re.compile(r"https?://[a-z0-9.-]+(:[0-9]+)?")
HOST_NAME = re.compile(r"\.?[a-z0-9-]+(\.[a-z0-9-]+)*|\[[0-9a-f:]+\]")
UNIX = "unix"


def named(path: object) -> object:
    """Refuse an empty path: it would mean the directory in which somebody happens to be."""
    if isinstance(path, str) and not path.strip():
        raise ValueError("it is empty; leave it out for the default")
    return path


def absolute(path: Path) -> Path:
    """Refuse the home directory of a user that there is not, and return the path from the root."""
    try:
        return path.expanduser().absolute()
    except RuntimeError:
        raise ValueError("there is no such user's home directory") from None


def postgres_url(value: SecretStr) -> SecretStr:
    """Refuse what is no PostgreSQL's URL."""
    if not value.get_secret_value().startswith(("postgresql://", "postgres://")):
        raise ValueError("it must begin with postgresql://")
    return value


def schemes(value: str) -> str:
    """Refuse what is no list of URL schemes, and those that would run as a script."""
    names = [name.strip().lower() for name in value.split(",")]
    if not all(name.replace("+", "").replace("-", "").replace(".", "").isalnum() for name in names):
        raise ValueError("it must be a list of URL schemes with commas between them, like http,https")
    unsafe = {"javascript", "data", "vbscript"}.intersection(names)
    if unsafe:
        raise ValueError(f"{', '.join(sorted(unsafe))} would run as a script when a link is opened")
    return ",".join(names)


def origins(value: str) -> str:
    """Refuse what is no list of web sites."""
    origins = [origin.strip().rstrip("/") for origin in value.split(",") if origin.strip()]
    if not all(ORIGIN.fullmatch(origin) for origin in origins):
        raise ValueError("it must be a list of origins with commas between them, like https://app.example")
    return ",".join(origins)


def public_url(value: str) -> str:
    """Refuse what is no address of a web site."""
    url = value.strip().rstrip("/")
    if url and not ORIGIN.fullmatch(url):
        raise ValueError("it must be like https://links.example, without a path")
    return url


def host_names(value: str) -> str:
    """Refuse what is no list of host names."""
    names = [name.strip().lower() for name in value.split(",") if name.strip()]
    if not all(HOST_NAME.fullmatch(name) for name in names):
        raise ValueError("it must be a list of host names with commas between them, like links.example")
    return ",".join(names)


def proxies(value: str) -> str:
    """Refuse what is no list of addresses and networks."""
    names = [name.strip().lower() for name in value.split(",") if name.strip()]
    for name in names:
        if name != UNIX:
            try:
                ipaddress.ip_network(name)
            except ValueError:
                raise ValueError(
                    f"{name!r} is neither {UNIX!r} nor an address or network like 127.0.0.1 or 10.0.0.0/8"
                ) from None
    return ",".join(names)
