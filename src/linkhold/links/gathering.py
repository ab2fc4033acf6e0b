"""Gathering: saves that come to one library at one moment share one statement, and so one commit.

Databases call it group commit. The first of them does not wait for others: while it is at the database,
those that come meanwhile gather, and one of them adds all of them next. Who saves alone waits for nobody.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import replace

from linkhold.db.pool import Direct
from linkhold.links import adding, tag_counts
from linkhold.links.adding import Addition, Saved
from linkhold.links.changes import Origin
from linkhold.links.drafting import Draft

Lend = Callable[[], AbstractContextManager[Direct]]
"""Lends a connection in autocommit."""

# Another transaction may have locked what one of many wants to write, for as long as a bulk edit takes. The
# others are not to wait for that: all are given up, and each goes on alone.
PATIENCE = "50ms"


class _Place:
    """The place of one save among those that gather, and what becomes of it."""

    __slots__ = ("_turn", "addition", "is_added", "is_over", "saved")

    def __init__(self, addition: Addition) -> None:
        self.addition = addition
        self.saved: Saved | None = None
        self.is_added = False
        """Whether the database has answered for it; it goes on alone when it has not."""
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
        if not place.is_added:
            with lend() as connection:
                [place.saved] = adding.insert(connection, owner, [place.addition])
        return place.saved

    def _lead(self, lend: Lend, owner: int) -> None:
        """Add all that have gathered, and hand on to those that gathered meanwhile."""
        with self._lock:
            together, self._places[owner] = self._places[owner], []
        try:
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
    is_alone = len(together) == 1
    try:
        with lend() as connection:
            additions = [place.addition for place in together]
            found = adding.insert(connection, owner, additions, patience=None if is_alone else PATIENCE)
    except Exception:
        if is_alone:
            raise
        # It may be one's fault: each finds out alone. A save that was made after all is found to be known.
        return
    for place, saved in zip(together, found, strict=True):
        place.saved, place.is_added = saved, True
