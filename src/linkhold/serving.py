"""A process that serves: the application on its database, and the threads that work beside the requests."""

from __future__ import annotations

import atexit
import logging
import os
import sys

from flask import Flask

from linkhold import config, logs, upkeep
from linkhold.app import create_app
from linkhold.errors import LinkholdError
from linkhold.runtime import Runtime
from linkhold.signals import Farewell

WATCH_SECONDS = 1.0

farewell = Farewell()
"""Tells those who wait when this process is to stop."""


def load(*, is_prepared: bool = False) -> Flask:
    """Open the database of the settings and return the application that serves it.

    `is_prepared` says that whoever started this process has checked and migrated it: the process then loads
    while the database is away, too, and answers 503 until it is back. What can go wrong ends the process with
    one sentence, as a server's own start would.
    """
    log = logging.getLogger("linkhold")
    try:
        settings = config.load()
        logs.configure(level=settings.log_level, style=settings.log_format)
        runtime = Runtime.open(settings, say=log.info, connections=settings.pool_size)
        atexit.register(runtime.close)
        if not is_prepared:
            runtime.prepare()
    except LinkholdError as error:
        sys.exit(f"linkhold: {error.message}")
    _work_beside(runtime)
    farewell.hear_before_the_server()
    os.register_at_fork(after_in_child=lambda: _begin_anew(runtime))
    if runtime.lease is not None:
        runtime.lease.watch(WATCH_SECONDS, log.warning)
    return create_app(runtime)


def _begin_anew(runtime: Runtime) -> None:
    """Start afresh in a process that a server forked off after loading: connections are not inherited."""
    runtime.engine.dispose(close=False)
    _work_beside(runtime)


def _work_beside(runtime: Runtime) -> None:
    """Start the threads that work beside the requests."""
    runtime.listen()
    farewell.start(runtime.bell.dismiss)
    upkeep.start(runtime)
