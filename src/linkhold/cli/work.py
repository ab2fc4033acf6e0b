"""`linkhold work`: what a library needs beside the requests, in a process of its own."""

from __future__ import annotations

import logging
import signal
import threading

import click

from linkhold import config, logs, upkeep
from linkhold.cli import supervision
from linkhold.runtime import Runtime

log = logging.getLogger("linkhold")


@click.command()
def work() -> None:
    """Do the background work in the foreground; SIGTERM or Ctrl-C stops it.

    The web processes do it too, one at a time: this takes it off them on a busy server.
    """
    settings = config.load()
    logs.configure(level=settings.log_level, style=settings.log_format)
    ended = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: ended.set())
    signal.signal(signal.SIGINT, lambda *_: ended.set())
    runtime = Runtime.open(settings, say=log.info)
    try:
        runtime.prepare()
        supervision.notify("READY=1", "STATUS=Ready")
        supervision.watch(_lives)
        _rounds(runtime, ended)
    finally:
        supervision.notify("STOPPING=1")
        runtime.close()


def _rounds(runtime: Runtime, ended: threading.Event) -> None:
    """Do a round every ten minutes."""
    while True:
        upkeep.attempt(runtime)
        if ended.wait(upkeep.EVERY_SECONDS):
            return


def _lives(*, within: float) -> bool:
    """Say yes: it is a thread of this very process that asks, and it asks while a long round is under way."""
    del within
    return True
