"""A contestant: a program that keeps links, as the measurements see it.

An adapter of a web application derives from `WebContestant` and says how it is started, and which
request saves a link; see `bench/README.md` for one of about twenty lines.
"""

from __future__ import annotations

import http.client
import os
import shutil
import socket
import subprocess
import time
from abc import ABC, abstractmethod
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import psutil

from bench import load as loads
from bench.load import Load, Sample
from bench.request import Request

ROOT = Path(__file__).parent.parent
START_SECONDS = 120
STOP_SECONDS = 60
NOT_HANDED_ON = ("LINKHOLD_", "PYTHON")


@dataclass(frozen=True, slots=True)
class Shape:
    """What those share that can be told so: Linkhold's defaults, unless asked otherwise."""

    workers: int
    threads: int


class Contestant(ABC):
    """A program, with a directory of its own in which all that it keeps is."""

    name: ClassVar[str]
    """What it is called on the command line and in the tables."""
    note: ClassVar[str]
    """What it is, and what it does not do that others do."""
    makes_its_database: ClassVar[bool] = False
    """Whether its first start needs nothing prepared."""

    def __init__(self, place: Path, shape: Shape) -> None:
        self.place = place
        self.shape = shape
        self.next_number = 0
        place.mkdir(parents=True, exist_ok=True)

    def prepare(self) -> None:  # noqa: B027 - most need nothing
        """Make what must be there before the first start, such as an account."""

    @abstractmethod
    def start(self) -> None:
        """Start it, and wait until it answers."""

    @abstractmethod
    def stop(self) -> None:
        """Stop it, and wait until it has ended; nothing when it does not run."""

    @abstractmethod
    def load(self, load: Load) -> Sample:
        """Put a load of saves on it."""

    def put(self, load: Load) -> Sample:
        """Put a load of saves on it whose addresses it does not have."""
        sample = self.load(Load(load.connections, load.seconds, load.warm_up, load.count, self.next_number))
        self.next_number += sample.sent
        return sample

    def clear(self) -> None:
        """Forget all links, while it does not run. Here: everything that it has."""
        shutil.rmtree(self.place)
        self.place.mkdir()
        self.prepare()

    @abstractmethod
    def fill(self, rows: int) -> None:
        """Give it so many links more, while it runs."""

    @abstractmethod
    def web_processes(self) -> list[psutil.Process]:
        """Return the processes that answer requests, while it runs."""

    def database_processes(self) -> list[psutil.Process]:
        """Return the processes of its database server, if it has one."""
        return []


class WebContestant(Contestant):
    """One that is a command which serves HTTP on a port."""

    process: subprocess.Popen[bytes] | None = None
    port = 0
    ready_path = "/"
    """Any answer to GET on it below 500 says that it serves."""

    @abstractmethod
    def command(self) -> list[str]:
        """Return the command that serves in the foreground on `self.port`."""

    def environment(self) -> dict[str, str]:
        """Return the variables that the command needs beside those that there are."""
        return {}

    @abstractmethod
    def saving(self) -> Request:
        """Return the request that saves a link."""

    def listing(self) -> Request | None:
        """Return the request that is answered with all addresses, if there is one."""
        return None

    def start(self) -> None:
        """Start the command, and ask until it answers."""
        self.port = _free_port()
        with (self.place / "log").open("ab") as log:
            self.process = subprocess.Popen(
                self.command(), cwd=ROOT, env=self.whole_environment(), stdout=log, stderr=log
            )
        until = time.monotonic() + START_SECONDS
        while not self._answers():
            if self.process.poll() is not None or time.monotonic() > until:
                raise RuntimeError(f"{self.name} does not start; see {self.place / 'log'}")
            time.sleep(0.01)

    def stop(self) -> None:
        """End the command as an operator would, with SIGTERM."""
        if self.process is not None:
            self.process.terminate()
            self.process.wait(STOP_SECONDS)
            self.process = None

    def load(self, load: Load) -> Sample:
        """Save over HTTP."""
        return loads.put(load, self.saving(), self.port)

    def fill(self, rows: int) -> None:
        """Save over HTTP: slow, and right for every program. Those with a database do it there."""
        self.put(Load(count=rows))

    def web_processes(self) -> list[psutil.Process]:
        """Return the command and what it has started, less the database server if that is among it."""
        if self.process is None:
            return []
        first = psutil.Process(self.process.pid)
        database = {each.pid for each in self.database_processes()}
        return [each for each in (first, *first.children(recursive=True)) if each.pid not in database]

    def whole_environment(self) -> dict[str, str]:
        """Return the environment of the command: no setting of Linkhold's or Python's gets in."""
        clean = {name: value for name, value in os.environ.items() if not name.startswith(NOT_HANDED_ON)}
        return clean | self.environment()

    def _answers(self) -> bool:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=START_SECONDS)
        try:
            connection.request("GET", self.ready_path)
            return connection.getresponse().status < 500
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
