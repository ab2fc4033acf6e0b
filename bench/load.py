"""The load: requests over a number of connections at once, each sent when the one before is answered.

It runs in a process of its own, on one selector, with messages that are made beforehand and the
least parsing that tells one answer from the next: what it uses of a core the contestants lack.
"""

from __future__ import annotations

import json
import selectors
import socket
import subprocess
import sys
import time
from collections import deque
from dataclasses import asdict, dataclass, field
from pathlib import Path

from bench.answers import Answer
from bench.request import Request

RECEIVED_AT_ONCE = 1 << 18
SILENCE_SECONDS = 60
TOO_MANY_ERRORS = 1000


@dataclass(frozen=True, slots=True)
class Load:
    """How much: for so many seconds after a warm-up, or a number of requests without one."""

    connections: int = 16
    seconds: float = 10.0
    warm_up: float = 2.0
    count: int | None = None
    first: int = 0
    """The number of the first address; later ones follow."""


@dataclass(slots=True)
class Sample:
    """What came of a load."""

    seconds: float = 0.0
    latencies: list[float] = field(default_factory=list)
    """Seconds from just before a request was sent until its answer was there, for each good answer."""
    errors: dict[str, int] = field(default_factory=dict)
    """How many requests went wrong, by what went wrong."""
    sent: int = 0
    """How many addresses were used, the warm-up's among them."""
    own_cpu: float = 0.0
    """Processor seconds that the load itself took."""

    @property
    def rate(self) -> float:
        """Good answers a second."""
        return len(self.latencies) / self.seconds if self.seconds else 0.0

    def percentile(self, percent: float) -> float:
        """Return the latency that so many of 100 answers did not exceed."""
        ordered = sorted(self.latencies)
        return ordered[min(len(ordered) - 1, int(len(ordered) * percent / 100))] if ordered else float("nan")

    def count_error(self, reason: str, times: int = 1) -> None:
        """Count requests that went wrong."""
        self.errors[reason] = self.errors.get(reason, 0) + times


def put(load: Load, request: Request, port: int) -> Sample:
    """Put a load on a server of this machine, from another process, and return what came of it."""
    order = {"load": asdict(load), "request": asdict(request), "port": port}
    done = subprocess.run(
        [sys.executable, "-c", "from bench import load; load.obey()"],
        cwd=Path(__file__).parent.parent,
        input=json.dumps(order),
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"The load failed: {done.stderr}")
    return Sample(**json.loads(done.stdout))


def obey() -> None:
    """Be the other process: the order comes on standard input, and the sample goes to standard output."""
    order = json.load(sys.stdin)
    sample = run(Load(**order["load"]), Request(**order["request"]), order["port"])
    json.dump(asdict(sample), sys.stdout)


def run(load: Load, request: Request, port: int) -> Sample:
    """Put a load on a server of this machine, from this process."""
    return _Run(load, request, port).go()


@dataclass(slots=True)
class _Connection:
    """A connection to the server, and the answer that is awaited on it."""

    port: int
    socket: socket.socket | None = None
    answer: Answer | None = None
    sent_at: float = 0.0

    def send(self, message: bytes) -> None:
        """Send a request; opens the connection first if the server has closed it."""
        self.sent_at = time.perf_counter()
        if self.socket is None:
            self.socket = socket.create_connection(("127.0.0.1", self.port))
            self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.answer = Answer()
        self.socket.sendall(message)

    def close(self) -> None:
        if self.socket is not None:
            self.socket.close()
            self.socket = None


class _Run:
    """One load while it is under way."""

    def __init__(self, load: Load, request: Request, port: int) -> None:
        self.load = load
        self.request = request
        self.sample = Sample()
        self.selector = selectors.DefaultSelector()
        self.connections = [_Connection(port) for _ in range(load.connections)]
        self.idle = deque(self.connections)
        self.messages = request.messages(port, load.first)
        self.counts_from = 0.0
        self.ends_at = float("inf")

    def go(self) -> Sample:
        """Send until it is enough, and wait for the last answers."""
        started, cpu = time.perf_counter(), time.process_time()
        self.counts_from = started
        if self.load.count is None:
            self.counts_from += self.load.warm_up
            self.ends_at = self.counts_from + self.load.seconds
        last = started
        while True:
            self._send_all()
            if len(self.idle) == len(self.connections):
                break
            ready = self.selector.select(SILENCE_SECONDS)
            if not ready:
                self.sample.count_error("no answer in time", len(self.connections) - len(self.idle))
                break
            for key, _ in ready:
                self._receive(key.data)
            last = time.perf_counter()
        self.sample.seconds = last - self.counts_from
        self.sample.own_cpu = time.process_time() - cpu
        self.selector.close()
        for connection in self.connections:
            connection.close()
        return self.sample

    def _send_all(self) -> None:
        enough = float("inf") if self.load.count is None else self.load.count
        while self.idle and self.sample.sent < enough and time.perf_counter() < self.ends_at:
            connection = self.idle.popleft()
            self.sample.sent += 1
            was_open = connection.socket is not None
            try:
                connection.send(next(self.messages))
            except OSError as error:
                self._failed(connection, type(error).__name__)
                continue
            if not was_open and connection.socket is not None:
                self.selector.register(connection.socket, selectors.EVENT_READ, connection)

    def _receive(self, connection: _Connection) -> None:
        sock, answer = connection.socket, connection.answer
        if sock is None or answer is None:
            return
        try:
            data = sock.recv(RECEIVED_AT_ONCE)
        except OSError as error:
            self._failed(connection, type(error).__name__)
            return
        if not answer.feed(data):
            if not data:
                self._failed(connection, "the connection was closed")
            return
        now = time.perf_counter()
        if answer.status != self.request.status:
            self.sample.count_error(f"status {answer.status}")
        elif connection.sent_at >= self.counts_from:
            self.sample.latencies.append(now - connection.sent_at)
        if answer.closes:
            self._close(connection)
        self.idle.append(connection)

    def _failed(self, connection: _Connection, reason: str) -> None:
        self.sample.count_error(reason)
        if sum(self.sample.errors.values()) > TOO_MANY_ERRORS:
            raise RuntimeError(f"The server does not serve: {self.sample.errors}")
        self._close(connection)
        self.idle.append(connection)

    def _close(self, connection: _Connection) -> None:
        if connection.socket is not None and connection.socket in self.selector.get_map():
            self.selector.unregister(connection.socket)
        connection.close()
