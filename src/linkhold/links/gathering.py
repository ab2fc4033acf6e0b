"""Gathering: saves that come to one library at one moment share one statement, and so one commit.

Databases call it group commit. The first of them does not wait for others: while it is at the database,
those that come meanwhile gather, and one of them adds all of them next. Who saves alone waits for nobody.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import replace

from linkhold import clock
from linkhold.db.pool import Direct
from linkhold.errors import DatabaseBusy
from linkhold.links import adding, tag_counts
from linkhold.links.adding import Addition, Saved
from linkhold.links.changes import Origin
from linkhold.links.drafting import Draft

Lend = Callable[[], AbstractContextManager[Direct]]
"""Lends a connection in autocommit."""

# Another transaction may have locked what one of them wants to write, for as long as a bulk edit takes. No
# other is to wait for that: all are given up, and each goes on alone, beside those that gather next.
PATIENCE = "50ms"
SLOW_SECONDS = 1.0
"""What took longer to fail is not one's fault, and would take as long again: all of them are told."""

log = logging.getLogger(__name__)


class _Place:
    """The place of one save among those that gather, and what becomes of it."""

    __slots__ = ("_turn", "addition", "error", "is_added", "is_over", "saved")

    def __init__(self, addition: Addition) -> None:
        self.addition = addition
        self.saved: Saved | None = None
        self.is_added = False
        """Whether the database has answered for it; it goes on alone when it has not."""
        self.error: Exception | None = None
        self.is_over = False
        # A bare lock, held until its save is over or is to lead: an Event takes several times as long.
        self._turn = threading.Lock()
        self._turn.acquire()

    def is_to_lead(self) -> bool:
        """Wait; return whether this save is to add those that have gathered, itself among them."""
        self._turn.acquire()
        return not self.is_over

    def wake(self) -> None:
        """End its wait."""
        self._turn.release()


class Gathering:
    """Adds links of many threads together, for each library by itself: none waits for another's."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._places: dict[int, list[_Place]] = {}
        """Who has gathered; a library stands in it while one of its saves is at the database."""

    def add(self, lend: Lend, owner: int, draft: Draft, *, origin: Origin) -> Saved | None:
        """Add an unknown link with its first change; None, and nothing done, when the library has it.

        It is durable when this returns. Tags that are new are claimed by a statement before it. Raises what
        `lend` and psycopg raise.
        """
        if draft.tags:
            with lend() as connection:
                draft = replace(draft, tags=tag_counts.claimed(connection, owner, draft.tags))
        place = _Place(adding.prepared(owner, draft, origin=origin))
        with self._lock:
            is_first = owner not in self._places
            self._places.setdefault(owner, []).append(place)
        if is_first or place.is_to_lead():
            self._lead(lend, owner)
        if place.error is not None:
            raise place.error
        if not place.is_added:
            with lend() as connection:
                [place.saved] = adding.insert(connection, owner, [place.addition])
                # It may be known because it was added, by a connection that broke before it could tell.
                place.saved = place.saved or adding.made(connection, owner, place.addition)
        return place.saved

    def _lead(self, lend: Lend, owner: int) -> None:
        """Add all that have gathered, and hand on to those that gathered meanwhile."""
        together: list[_Place] = []
        try:
            with self._lock:
                together, self._places[owner] = self._places[owner], []
            _add_together(lend, owner, together)
        finally:
            with self._lock:
                waiting = self._places[owner]
                if not waiting:
                    del self._places[owner]
            if waiting:
                waiting[0].wake()
            for place in together:
                place.is_over = True
                place.wake()


def _add_together(lend: Lend, owner: int, together: list[_Place]) -> None:
    began = clock.monotonic()
    try:
        with lend() as connection:
            additions = [place.addition for place in together]
            found = adding.insert(connection, owner, additions, patience=PATIENCE)
    except Exception as error:  # noqa: BLE001 - whatever it is, it is told to whom it concerns
        is_ones_own = len(together) == 1 and not isinstance(error, DatabaseBusy)
        if is_ones_own or clock.monotonic() - began > SLOW_SECONDS:
            for place in together:
                place.error = error
            return
        # It may be one's fault: each finds out alone.
        log.info("Adding %d together failed (%s): each goes on alone", len(together), type(error).__name__)
        return
    for place, saved in zip(together, found, strict=True):
        place.saved, place.is_added = saved, True
