"""`linkhold serve`: PostgreSQL, migrations, and the application on Granian, until told to stop."""

from __future__ import annotations

import ctypes
import gc
import logging
import math
import os
import signal
import socket
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, NoReturn

import click
from granian.constants import HTTPModes, Interfaces
from granian.net import SocketHolder  # type: ignore[attr-defined]  # its stub lacks what it has
from granian.server.mp import MPServer

from linkhold import clock, config, keys, logs
from linkhold.cli import counting, draining, greeting, heartbeat, listening, supervision
from linkhold.cli.listening import Address
from linkhold.config import Settings
from linkhold.errors import KeyUnreadable
from linkhold.runtime import Runtime

# Requests in flight get this long to finish, and PostgreSQL what is left of the whole: container engines
# kill what has not ended after ten seconds, and on a busy machine the ends of processes take their time too.
GRACE_SECONDS = 5
STOP_SECONDS = 8.5
# A service manager that gave us its socket waits longer: by the unit that we hand out, a minute.
MANAGED_STOP_SECONDS = 45.0
PR_SET_PDEATHSIG = 1

log = logging.getLogger("linkhold")


@dataclass(slots=True)
class Deadline:
    """By when a stop that has begun is to be done."""

    seconds: float
    moment: float = math.inf

    def begin(self) -> None:
        """Count from now on: the stop has begun."""
        self.moment = clock.monotonic() + self.seconds

    def left(self) -> float:
        """Return how many seconds are left of it."""
        return max(0.0, self.moment - clock.monotonic())


@click.command()
def serve() -> None:
    """Start Linkhold in the foreground; SIGTERM or Ctrl-C stops it.

    Starts the embedded PostgreSQL if it does not run, migrates the schema, serves, and prints
    where it is. The first start prints an address that makes the first account, unless a service
    manager gave it its socket: then `linkhold account setup` does.
    """
    settings = config.load()
    logs.configure(level=settings.log_level, style=settings.log_format)
    signal.signal(signal.SIGTERM, _stop)
    given = supervision.given_socket()
    deadline = Deadline(STOP_SECONDS if given is None else MANAGED_STOP_SECONDS)
    runtime = Runtime.open(settings, say=log.info)
    try:
        _prepare(runtime)
        _make_keys(settings)
        # What a service manager's service prints is kept and read by others: no place for a code, and each
        # restart would make the one worthless that somebody is about to use.
        hello = greeting.compose(runtime) if given is None else None
        # Workers are forks of this process: they open connections of their own.
        runtime.engine.dispose()
        # What they have from here they share, as long as nobody writes to it, and the collector would.
        gc.freeze()
        with counting.shared(settings.data_dir), _listening(settings, given) as address:
            greet = threading.Thread(target=_greet, args=(hello, settings, address), daemon=True)
            _serve(settings, address, given, started=greet.start, deadline=deadline)
    finally:
        if deadline.moment == math.inf:  # before anything was served
            deadline.begin()
        supervision.notify("STOPPING=1")
        runtime.close(within=deadline.left())


def _make_keys(settings: Settings) -> None:
    for name in keys.KEYS:
        try:
            keys.get(settings.data_dir, name)
        except KeyUnreadable as error:
            # Nobody's links wait for it.
            log.warning("%s", error.message)


@contextmanager
def _listening(settings: Settings, given: socket.socket | None) -> Iterator[Address]:
    """Hold the address that is served: a socket that was given, or one of the settings."""
    if given is not None:
        yield listening.of_socket(given)
        return
    host = listening.resolved(settings.host)
    with listening.reserved(host, settings.port) as port:
        yield host, port


def _greet(hello: greeting.Hello | None, settings: Settings, address: Address) -> None:
    """Say that Linkhold is ready, once it is: to the person, and to the service manager."""
    asked = address if isinstance(address, str) else (listening.reachable(address[0]), address[1])
    listening.wait_until_answered(asked)
    if hello is not None and not isinstance(address, str):
        greeting.show(hello, address, public_url=settings.public_url)
    while not supervision.notify("READY=1", "STATUS=Ready"):
        clock.sleep(1)
    directory = config.metrics_directory()
    if directory is not None:
        supervision.watch(partial(heartbeat.is_heard, Path(directory)))


def _stop(number: int, frame: object) -> NoReturn:
    """End a start that is still under way; Granian puts its own handler in place of this one."""
    del number, frame
    sys.exit(0)


def _prepare(runtime: Runtime) -> None:
    found, wanted = runtime.prepare()
    if found != wanted:
        log.info("The schema is now %s (it was %s)", wanted, found or "empty")


class _Server(MPServer):
    """Granian, whose stop is timed."""

    deadline: Deadline

    def shutdown(self, exit_code: int = 0) -> None:
        self.deadline.begin()
        super().shutdown(exit_code)  # type: ignore[no-untyped-call]  # theirs


class _OnGivenSocket(_Server):
    """Granian on a socket that it was given: its workers share it, and it outlives them and us.

    By itself each worker binds a socket of its own, with which the connections that wait in it go.
    """

    given: socket.socket
    _shd: Any
    _sfd: Any
    _sso: Any

    def _init_shared_socket(self) -> None:
        self._sfd = self.given.fileno()
        self._shd = SocketHolder(self._sfd, self.given.family == socket.AF_UNIX, self.backlog)  # type: ignore[call-arg]  # the same
        # Granian closes what stands here when it stops: a duplicate, so that ours stays open until then.
        self._sso = socket.socket(fileno=os.dup(self._sfd))
        draining.prepare(self.given)

    def _stop_workers(self) -> None:
        draining.tell(worker.inner.pid for worker in self.wrks)
        clock.sleep(draining.SECONDS)
        super()._stop_workers()  # type: ignore[no-untyped-call]  # theirs

    def _respawn_workers(
        self, workers: list[int], spawn_target: object, target_loader: object, delay: float = 0
    ) -> None:
        for index in workers:
            # Who comes while the new one loads waits in the socket.
            draining.tell([self.wrks[index].inner.pid])
            super()._respawn_workers([index], spawn_target, target_loader, delay)


def _serve(
    settings: Settings,
    address: Address,
    given: socket.socket | None,
    *,
    started: Callable[[], None],
    deadline: Deadline,
) -> None:
    kind = _Server if given is None else _OnGivenSocket
    host, port = ("127.0.0.1", 1) if isinstance(address, str) else address
    server = kind(
        "linkhold.wsgi:app",
        address=host,
        port=port,
        interface=Interfaces.WSGI,
        http=HTTPModes.http1,
        websockets=False,
        workers=settings.workers,
        blocking_threads=settings.threads,
        # Beyond the requests that are worked on, this many wait in each process.
        backpressure=max(64, settings.threads * 4),
        respawn_failed_workers=True,
        respawn_interval=0.5,
        workers_kill_timeout=GRACE_SECONDS,
        log_dictconfig={"formatters": {}, "handlers": {}, "loggers": {}},
        # At "warning" it would question our number of threads, which wait for PostgreSQL, not for a core.
        log_level="error",  # type: ignore[arg-type]  # the value of its enumeration
    )
    if isinstance(server, _OnGivenSocket) and given is not None:
        server.given = given
    server.deadline = deadline
    server.on_startup(started)
    server.serve(target_loader=partial(load_app, os.getpid()), wrap_loader=False)


def load_app(parent: int) -> Callable[..., Any]:
    """Load the WSGI application, in a worker; called by Granian."""
    _end_with(parent)
    directory = config.metrics_directory()
    if directory is not None:
        heartbeat.start(Path(directory))
        counting.join(Path(directory))
    # Loading these binds the metrics to the directory: only in a worker.
    from linkhold import metrics, serving  # noqa: PLC0415

    app = serving.load(is_worker=True)
    metrics.reserve()
    # Granian puts up its handlers when this has returned.
    serving.farewell.hear_by_wakeup()
    return app


def _end_with(parent: int) -> None:
    """End this process when its parent is killed: it would go on answering beside the next one."""
    # Until Granian puts up its own, the handler here is the parent's copy, which would do nothing.
    signal.signal(signal.SIGTERM, _stop)
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
    # Of a parent that was killed before that, nothing tells.
    if os.getppid() != parent:
        sys.exit(0)
