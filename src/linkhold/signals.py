"""Being told to stop: a thread hears of it at once, so that requests that only wait can be answered."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable, Iterable
from types import FrameType

STOPS = {signal.SIGTERM, signal.SIGINT}


class Farewell:
    """Calls a function when this process is told to stop; the server's own handler does its part too.

    A handler may come in between any two steps of the main thread, and so may take no lock. It
    writes a byte, which a thread reads.
    """

    def __init__(self) -> None:
        self._writer = -1

    def start(self, told: Callable[[], None]) -> None:
        """Begin to listen; once more after a fork."""
        reader, self._writer = os.pipe()
        os.set_blocking(self._writer, False)
        threading.Thread(target=_listen, args=(reader, told), name="farewell", daemon=True).start()

    def hear_by_wakeup(self) -> None:
        """Have Python itself write the bytes: for a server that puts up its handlers after this."""
        signal.set_wakeup_fd(self._writer, warn_on_full_buffer=False)

    def hear_before_the_server(self) -> None:
        """Put a handler before the one that is there: for a server that has put up its own already.

        gunicorn has use for the wakeup itself, and signals belong to the main thread alone.
        """
        before = signal.getsignal(signal.SIGTERM)
        if not callable(before) or threading.current_thread() is not threading.main_thread():
            return

        def handle(number: int, frame: FrameType | None) -> None:
            if self._writer >= 0:
                os.write(self._writer, bytes([number]))
            before(number, frame)

        signal.signal(signal.SIGTERM, handle)


def end_children_that_cannot_hear() -> None:
    """Have a stop end a process that is forked off this one, until that puts up handlers of its own.

    gunicorn forks its workers with its own handlers, which do nothing in a worker: one that is told to stop
    before it has put up others would go on, and be killed when the time is over that requests are given.
    For a process that forks those who serve: gunicorn's own with --preload.
    """
    masks: list[Iterable[int]] = []

    def hold() -> None:
        masks.append(signal.pthread_sigmask(signal.SIG_BLOCK, STOPS))

    def release() -> None:
        signal.pthread_sigmask(signal.SIG_SETMASK, masks.pop())

    def hear_by_ending() -> None:
        for number in STOPS:
            signal.signal(number, signal.SIG_DFL)
        release()

    os.register_at_fork(before=hold, after_in_parent=release, after_in_child=hear_by_ending)


def _listen(reader: int, told: Callable[[], None]) -> None:
    while signals := os.read(reader, 64):
        if STOPS.intersection(signals):
            told()
