"""What other processes tell by NOTIFY, heard by one thread and one connection for a whole process."""

from __future__ import annotations

import contextlib
import logging
import secrets
import threading
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import partial

import psycopg
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from linkhold import clock
from linkhold.db import engine as engines
from linkhold.db.pool import Direct

HELLO = "linkhold_hello"
HELLO_SECONDS = 5.0
"""How long a notification to ourselves may take before the connection counts as deaf."""
HELLO_EVERY = 30.0
RETRY_SECONDS = 2.0
LOOK_SECONDS = 1.0
"""How often the thread looks whether it shall stop."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Ear:
    """What is done with the notifications of one channel."""

    told: Callable[[str], None]
    """Called with the payload of each notification. It runs in the listening thread and must be quick."""
    missed: Callable[[], None]
    """Called when notifications may have been missed, before any later one: the connection was lost."""


class Listener:
    """Listens on channels from `start` to `stop`.

    A connection can be deaf without a sign: its other end is gone, or it goes through a pooler in
    transaction mode, which swallows notifications, or the way past the pooler leads to another database.
    So the listener tells itself something through another connection, one of those that all others use,
    at the beginning and now and then, and counts as listening only while it hears that.
    """

    def __init__(
        self, engine: Engine, *, straight: Callable[[], AbstractContextManager[Direct]] | None = None
    ) -> None:
        """Listen on a connection like those of the engine, or on what opens a `straight` one instead."""
        self._engine = engine
        self._opened = straight or partial(engines.taken_out, engine)
        self._ears: dict[str, Ear] = {}
        self._stopped = threading.Event()
        self._listening = threading.Event()
        self._heard = ""
        self._thread: threading.Thread | None = None

    @property
    def listening(self) -> bool:
        """Whether every notification from now on will be heard."""
        return self._listening.is_set()

    def wait(self, seconds: float) -> bool:
        """Wait until it listens; returns whether it does."""
        return self._listening.wait(seconds)

    def hear(self, channel: str, ear: Ear) -> None:
        """Say what to do with a channel's notifications; to be called before `start`."""
        self._ears[channel] = ear

    def start(self) -> None:
        """Begin to listen, in a thread; once more after a fork, which takes no threads along."""
        self._stopped = threading.Event()
        self._listening.clear()
        self._thread = threading.Thread(target=self._run, args=(self._stopped,), name="listener", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End the thread."""
        self._stopped.set()
        self._listening.clear()
        if self._thread is None:
            return
        with contextlib.suppress(psycopg.Error, SQLAlchemyError), engines.borrowed(self._engine) as other:
            other.execute("SELECT pg_notify(%s, %s)", (HELLO, "farewell"))  # wakes it
        self._thread.join(2 * LOOK_SECONDS)

    def _run(self, stopped: threading.Event) -> None:
        while not stopped.is_set():
            try:
                self._listen(stopped)
            except (psycopg.Error, SQLAlchemyError) as error:
                if not stopped.is_set():
                    log.debug("not listening: %s", error)
            except Exception:
                # The thread must outlive what nobody thought of: requests only get slower without it.
                log.exception("The listener failed, and begins again")
            self._listening.clear()
            for ear in self._ears.values():
                ear.missed()
            stopped.wait(RETRY_SECONDS)

    def _listen(self, stopped: threading.Event) -> None:
        """Listen until told to stop, or until the connection breaks or is deaf."""
        with self._opened() as connection:
            for channel in (HELLO, *self._ears):
                connection.execute(f"LISTEN {channel}")
            while not stopped.is_set() and self._hears_itself(connection, stopped):
                self._listening.set()
                self._hear_for(connection, HELLO_EVERY, stopped)

    def _hears_itself(self, connection: Direct, stopped: threading.Event) -> bool:
        said = secrets.token_hex(8)
        with engines.borrowed(self._engine) as other:
            other.execute("SELECT pg_notify(%s, %s)", (HELLO, said))
        self._hear_for(connection, HELLO_SECONDS, stopped, until=said)
        return self._heard == said

    def _hear_for(
        self, connection: Direct, seconds: float, stopped: threading.Event, *, until: str | None = None
    ) -> None:
        end = clock.monotonic() + seconds
        while not stopped.is_set() and (left := end - clock.monotonic()) > 0:
            # It ends with the notifications of one reading, so that `until` is looked at at once.
            for notification in connection.notifies(timeout=min(left, LOOK_SECONDS), stop_after=1):
                if notification.channel == HELLO:
                    self._heard = notification.payload
                elif notification.channel in self._ears:
                    self._ears[notification.channel].told(notification.payload)
            if self._heard == until:
                return
