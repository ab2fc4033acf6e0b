"""`linkhold serve`: PostgreSQL, migrations, and the application on Granian, until told to stop."""

from __future__ import annotations

import ctypes
import logging
import signal
import sys
import threading
from collections.abc import Callable
from typing import Any, NoReturn

import click
from granian.constants import HTTPModes, Interfaces
from granian.server import Server

from linkhold import config, logs
from linkhold.cli import greeting, listening
from linkhold.config import Settings
from linkhold.runtime import Runtime

# Requests in flight get this long to finish; with PostgreSQL's own stop it stays below ten seconds.
GRACE_SECONDS = 5
PR_SET_PDEATHSIG = 1

log = logging.getLogger("linkhold")


@click.command()
def serve() -> None:
    """Start Linkhold in the foreground; SIGTERM or Ctrl-C stops it.

    Starts the embedded PostgreSQL if it does not run, migrates the schema, serves, and prints
    where it is. The first start prints an address that makes the first account.
    """
    settings = config.load()
    logs.configure(level=settings.log_level, style=settings.log_format)
    signal.signal(signal.SIGTERM, _stop)
    host = listening.resolved(settings.host)
    runtime = Runtime.open(settings, say=log.info)
    try:
        _prepare(runtime)
        hello = greeting.compose(runtime)
        # Workers are forks of this process: they open connections of their own.
        runtime.engine.dispose()
        with listening.reserved(host, settings.port) as port:
            _serve(settings, host, port, greet=lambda: greeting.show(hello, host, port))
    finally:
        runtime.close()


def _stop(number: int, frame: object) -> NoReturn:
    """End a start that is still under way; Granian puts its own handler in place of this one."""
    del number, frame
    sys.exit(0)


def _prepare(runtime: Runtime) -> None:
    found, wanted = runtime.prepare()
    if found != wanted:
        log.info("The schema is now %s (it was %s)", wanted, found or "empty")


def _serve(settings: Settings, host: str, port: int, *, greet: Callable[[], None]) -> None:
    server = Server(
        "linkhold.wsgi:app",
        address=host,
        port=port,
        interface=Interfaces.WSGI,
        http=HTTPModes.http1,
        websockets=False,
        workers=settings.workers,
        blocking_threads=settings.threads + settings.waiters,
        # Beyond the requests that are worked on, this many wait in each process.
        backpressure=max(64, settings.threads * 4),
        respawn_failed_workers=True,
        respawn_interval=0.5,
        workers_kill_timeout=GRACE_SECONDS,
        log_dictconfig={"formatters": {}, "handlers": {}, "loggers": {}},
        # At "warning" it would question our number of threads, which wait for PostgreSQL, not for a core.
        log_level="error",  # type: ignore[arg-type]  # the value of its enumeration
    )
    announcer = threading.Thread(target=listening.then, args=(host, port, greet), daemon=True)
    server.on_startup(announcer.start)
    server.serve(target_loader=load_app, wrap_loader=False)


def load_app() -> Callable[..., Any]:
    """Load the WSGI application, in a worker; called by Granian."""
    if sys.platform == "linux":
        # A worker whose parent was killed would go on answering beside the next one: end with it.
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
    from linkhold.wsgi import app  # noqa: PLC0415 - loading it opens the database: only in a worker

    return app
