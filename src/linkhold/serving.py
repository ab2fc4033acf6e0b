"""A process that serves: the application on its database, and the threads that work beside the requests."""

from __future__ import annotations

import atexit
import logging
import os
import signal
import sys
import threading

from flask import Flask

from linkhold import clock, config, keepalive, logs, signals, upkeep
from linkhold.app import create_app
from linkhold.doors import arriving
from linkhold.errors import LinkholdError
from linkhold.runtime import Runtime
from linkhold.signals import Farewell

WATCH_SECONDS = 1.0
BODY_SECONDS = 20.0
"""As long as nginx waits for more of a body, by our configuration."""
GRACE_SECONDS = 5.0

log = logging.getLogger("linkhold")

farewell = Farewell()
"""Tells those who wait when this process is to stop."""


def load(*, is_worker: bool = False) -> Flask:
    """Open the database of the settings and return the application that serves it.

    `is_worker` says that this process is about to serve, and that the one which forked it has checked and
    migrated the database: it then loads while that is away, too, and answers 503 until it is back. What can
    go wrong ends the process with one sentence, as a server's own start would.
    """
    try:
        settings = config.load()
        logs.configure(level=settings.log_level, style=settings.log_format)
        runtime = Runtime.open(settings, say=log.info, connections=settings.pool_size)
        atexit.register(runtime.close)
        if not is_worker:
            runtime.prepare()
    except LinkholdError as error:
        sys.exit(f"linkhold: {error.message}")
    beside = Beside(runtime)
    farewell.hear_before_the_server()
    os.register_at_fork(after_in_child=beside.forked)
    if runtime.lease is not None:
        runtime.lease.watch(WATCH_SECONDS, log.warning)
    keepalive.start()
    if is_worker:
        beside.begin()
    else:
        signals.end_children_that_cannot_hear()
    return create_app(runtime, first=beside.begin)


class Beside:
    """The threads that work beside the requests of a process, from its first request on at the latest.

    Not before, unless it is known to serve: a server may load the application and only then fork those who
    serve (gunicorn --preload). A fork takes no threads along, but the locks that they hold at that moment,
    which nobody gives back.
    """

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        self._first = threading.Lock()

    def begin(self) -> None:
        """Start the threads, unless they work."""
        if not self._first.acquire(blocking=False):
            return
        try:
            self._start(self._runtime)
        except BaseException:
            self._first.release()  # for the next request to try
            raise

    def _start(self, runtime: Runtime) -> None:
        runtime.listen()
        farewell.start(runtime.bell.dismiss)
        upkeep.start(runtime)
        threads = runtime.settings.threads
        threading.Thread(target=_watch_bodies, args=(threads,), name="bodies", daemon=True).start()

    def forked(self) -> None:
        """Begin anew in a process that was forked off: neither threads nor connections are inherited."""
        self._first = threading.Lock()
        self._runtime.forked()


def _watch_bodies(threads: int) -> None:
    """End this process when half of its threads wait for bodies that do not come; its parent starts the next.

    Without it, as many clients as there are threads would stop it for as long as they like. What is being
    answered meanwhile gets its answer.
    """
    while arriving.stuck(BODY_SECONDS) * 2 < threads:
        clock.sleep(WATCH_SECONDS)
    log.warning(
        "Half of the threads have waited %d seconds for more of a body: this process begins anew. If this"
        " happens again, put a proxy in front that reads bodies whole, such as nginx (docs/server.md).",
        BODY_SECONDS,
    )
    os.kill(os.getpid(), signal.SIGTERM)
    clock.sleep(GRACE_SECONDS)
    os._exit(1)  # those threads would keep it from ending
