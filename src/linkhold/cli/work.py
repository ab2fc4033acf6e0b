"""`linkhold work`: what a library needs beside the requests, in a process of its own."""

from __future__ import annotations

import logging
import math
import signal
import threading

import click

from linkhold import clock, config, logs, upkeep
from linkhold.cli import supervision
from linkhold.runtime import Runtime

log = logging.getLogger("linkhold")


class _Progress:
    """Whether a round gets on, for a watchdog: one that is stuck holds a lock, and nobody else does any."""

    def __init__(self) -> None:
        self._moved_at = math.inf
        """Never too long ago while nothing is to be done."""

    def move(self) -> None:
        self._moved_at = clock.monotonic()

    def rest(self) -> None:
        self._moved_at = math.inf

    def is_made(self, *, within: float) -> bool:
        return clock.monotonic() - self._moved_at <= within


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
        progress = _Progress()
        supervision.watch(progress.is_made)
        _rounds(runtime, ended, progress)
    finally:
        supervision.notify("STOPPING=1")
        runtime.close()


def _rounds(runtime: Runtime, ended: threading.Event, progress: _Progress) -> None:
    """Do a round every ten minutes."""
    while True:
        progress.move()
        upkeep.attempt(runtime, moved=progress.move)
        progress.rest()
        if ended.wait(upkeep.EVERY_SECONDS):
            return
