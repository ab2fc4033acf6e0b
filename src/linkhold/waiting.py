"""Waiting without keeping others from working: who waits for a library to change, and who works now."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import chain

import psycopg
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from linkhold import clock
from linkhold.db import engine as engines
from linkhold.db.listening import Ear

CHANNEL = "linkhold_changes"
"""Where processes tell one another whose library changed (`7`), and for whose one waits (`?7`)."""
AWAITED = "?"
# A wait lasts a minute at most; a client that is answered and asks again says so again.
AWAITED_SECONDS = 70.0

# Telling is put off for so long: many saves of a moment are one notification.
GATHER_SECONDS = 0.05
# Without notifications from other processes, a wait looks by itself this often.
DEAF_SECONDS = 2.0
JOIN_SECONDS = 2.0

log = logging.getLogger(__name__)


class Ring:
    """One waiting client."""

    def __init__(self) -> None:
        self._event = threading.Event()
        self.rung = False
        """Whether the library changed since the client began to wait."""
        self.over = False
        """Whether waiting is over for everybody: this process is about to stop."""

    def wait(self, seconds: float) -> None:
        """Wait until the library changes, or for that long."""
        if self.over:
            return
        self._event.wait(min(seconds, DEAF_SECONDS) if not self.rung else seconds)
        self._event.clear()

    def ring(self) -> None:
        """End the wait, since the library changed."""
        self.rung = True
        self._event.set()

    def dismiss(self) -> None:
        """End the wait for good."""
        self.over = True
        self._event.set()


class Bell:
    """Tells those who wait, in this process and in others, that a library changed.

    A notification inside a transaction would make all commits of the database wait for one another
    (PostgreSQL's NOTIFY takes a lock until the commit is done), so it is sent after the commit, by a
    thread, for all changes of a moment together, and only while somebody waits for that library: a
    process in which a client waits says so. If a process dies in between, or was not there when that
    was said, a wait ends late, after `DEAF_SECONDS`; no change is missed, because whoever waits reads
    the feed.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._lock = threading.Lock()
        self._rings: dict[int, set[Ring]] = {}
        self._awaited: dict[int, float] = {}
        self._news: set[str] = set()
        self._work = threading.Event()
        self._stopped = threading.Event()
        self._thread: threading.Thread | None = None
        self._dismissed = False
        self.ear = Ear(told=self._heard, missed=self._ring_all)

    @contextmanager
    def listening(self, owner: int) -> Iterator[Ring]:
        """Count as one who waits for a library to change; to be begun before looking."""
        ring = Ring()
        with self._lock:
            self._rings.setdefault(owner, set()).add(ring)
            ring.over = self._dismissed
        self._say(f"{AWAITED}{owner}")
        try:
            yield ring
        finally:
            with self._lock:
                mine = self._rings[owner]
                mine.discard(ring)
                if not mine:
                    del self._rings[owner]

    def ring(self, owner: int) -> None:
        """Tell that a library changed; call it after the commit."""
        self._ring_here(owner)
        if self._awaited.get(owner, 0.0) > clock.monotonic():
            self._say(str(owner))

    def dismiss(self) -> None:
        """End all waits, and let none begin: this process is about to stop."""
        with self._lock:
            self._dismissed = True
            for ring in chain.from_iterable(self._rings.values()):
                ring.dismiss()

    def start(self) -> None:
        """Begin to tell other processes; once more after a fork."""
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._tell, args=(self._stopped,), name="bell", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End the thread."""
        self._stopped.set()
        self._work.set()
        if self._thread is not None:
            self._thread.join(JOIN_SECONDS)

    def _ring_here(self, owner: int) -> None:
        if owner not in self._rings:
            return
        with self._lock:
            rings = list(self._rings.get(owner, ()))
        for each in rings:
            each.ring()

    def _ring_all(self) -> None:
        with self._lock:
            rings = [ring for each in self._rings.values() for ring in each]
        for each in rings:
            each.ring()

    def _heard(self, payload: str) -> None:
        for word in payload.split():
            if word.startswith(AWAITED):
                self._awaited[int(word[1:])] = clock.monotonic() + AWAITED_SECONDS
            else:
                self._ring_here(int(word))

    def _say(self, word: str) -> None:
        self._news.add(word)
        self._work.set()

    def _tell(self, stopped: threading.Event) -> None:
        while not stopped.is_set():
            self._work.wait()
            stopped.wait(GATHER_SECONDS)
            self._work.clear()
            news, self._news = self._news, set()
            # A payload holds 8,000 bytes, and a word of ours twenty at most.
            words = sorted(news)
            try:
                for start in range(0, len(words), 300):
                    payload = " ".join(words[start : start + 300])
                    with engines.borrowed(self._engine) as connection:
                        connection.execute("SELECT pg_notify(%s, %s)", (CHANNEL, payload))
            except (psycopg.Error, SQLAlchemyError) as error:
                log.debug("could not tell of changes: %s", error)


class Waiters:
    """How many requests of a process may wait at once; those that work have the other threads.

    A thread that waits costs nothing while it waits. But each thread that may be there to work makes
    the others slower, since all of them wait for the interpreter's lock: with 24 threads instead of 8
    the same process saved a third less. So there are no threads beside for those who wait.
    """

    def __init__(self, most: int) -> None:
        self._room = threading.BoundedSemaphore(most)

    @contextmanager
    def joined(self) -> Iterator[bool]:
        """Wait as one of them; yields whether there is room for one more."""
        if not self._room.acquire(blocking=False):
            yield False
            return
        try:
            yield True
        finally:
            self._room.release()
