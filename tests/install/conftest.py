"""One machine for all tests of the installation, which run in the order of their lines."""

from __future__ import annotations

import json
import re
import ssl
from collections.abc import Iterator
from dataclasses import dataclass
from http.client import HTTPException, HTTPSConnection
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

import needs
from install.machine import Machine
from patience import until

NAME = "links.example"
PASSWORD = "correct horse battery"
UPDATE = "cd /srv/linkhold && deploy/install.sh --wheels /srv/wheels"
INSTALL = f"cd /srv/linkhold && deploy/install.sh --domain {NAME} --tls local --wheels /srv/wheels"


class ByName(HTTPSConnection):
    """A connection to this machine that asks for the server by its name, and trusts its authority only."""

    def __init__(self, authority: Path, timeout: float = 90, *, source: str | None = None) -> None:
        super().__init__(
            NAME,
            context=ssl.create_default_context(cafile=str(authority)),
            timeout=timeout,
            source_address=None if source is None else (source, 0),
        )

    def connect(self) -> None:
        self._create_connection = lambda address, *rest: _connect(("127.0.0.1", address[1]), *rest)
        super().connect()


def _connect(*arguments: Any) -> Any:
    import socket  # noqa: PLC0415 - only here

    return socket.create_connection(*arguments)


@dataclass
class Server:
    """Linkhold as it was installed, behind nginx."""

    machine: Machine
    token: str = ""

    @property
    def authority(self) -> Path:
        return self.machine.tree / "etc/linkhold/tls/authority.pem"

    def connection(self, timeout: float = 90, source: str | None = None) -> ByName:
        return ByName(self.authority, timeout, source=source)

    def request(
        self,
        method: str,
        path: str,
        body: Any = None,
        headers: dict[str, str] | None = None,
        *,
        source: str | None = None,
    ) -> tuple[int, bytes, dict[str, str]]:
        connection = self.connection(source=source)
        try:
            data = None if body is None else json.dumps(body)
            default = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}
            connection.request(method, path, data, default if headers is None else headers)
            answer = connection.getresponse()
            return answer.status, answer.read(), {k.lower(): v for k, v in answer.getheaders()}
        finally:
            connection.close()

    def is_reached(self) -> bool:
        """Tell whether nginx answers, whatever it says."""
        try:
            return bool(self.request("GET", "/healthz")[0])
        except (OSError, HTTPException):
            return False

    def is_told_by_the_doctor(self, words: str, *, faults: int | None = None) -> bool:
        """Tell whether the doctor says so, and ends with a status, if one is named."""
        done = self.machine.command("linkhold doctor", check=False)
        return words in done.stdout and faults in {None, done.returncode}

    def set_up(self, told: str) -> None:
        """Make the first account at the one-time address that the installation told, and a token."""
        until(self.is_reached)  # nginx takes its new configuration a moment later
        (code,) = re.findall(rf"https://{NAME}/setup\?code=(\S+)", told)
        form = urlencode({"code": code, "name": "ada", "password": PASSWORD})
        sent = {"Content-Type": "application/x-www-form-urlencoded", "Sec-Fetch-Site": "same-origin"}
        connection = self.connection()
        connection.request("POST", f"/setup?code={code}", form, sent)
        answer = connection.getresponse()
        text = answer.read()
        assert answer.status == 303, text
        assert "Secure" in (answer.getheader("Set-Cookie") or "")
        connection.close()
        self.token = self.machine.command(
            "linkhold token add --account ada --name t --scope read --scope write"
        ).stdout.strip()


@pytest.fixture(scope="session")
def machine() -> Iterator[Machine]:
    needs.root()
    machine = Machine()
    try:
        machine.make()
        machine.boot()
        yield machine
    finally:
        machine.close()


@pytest.fixture(scope="session")
def server(machine: Machine) -> Server:
    server = Server(machine)
    server.set_up(machine.command(INSTALL).stdout)
    return server
