"""The numbers of a library, kept for some minutes where counting takes long: of a million links, a second."""

from __future__ import annotations

import threading
from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from linkhold import clock
from linkhold.links import statistics
from linkhold.links.statistics import Statistics

KEPT = timedelta(minutes=5)
WORTH_KEEPING = 0.1
"""From how many seconds of counting on its result is kept; what is quicker is always as of now."""
MOST_LIBRARIES = 500


@dataclass(frozen=True, slots=True)
class Counted:
    """What a library held at a moment."""

    statistics: Statistics
    at: datetime


class Counts:
    """What one process counted last, of the libraries that take long."""

    def __init__(self, *, worth_keeping: float = WORTH_KEEPING) -> None:
        self._kept: OrderedDict[int, Counted] = OrderedDict()
        self._lock = threading.Lock()
        self._worth_keeping = worth_keeping

    def of(self, session: Session, owner: int) -> Counted:
        """Return what a library holds, as it is now or was some minutes ago."""
        with self._lock:
            kept = self._kept.get(owner)
        now, begun = clock.now(), clock.monotonic()
        if kept is not None and now - kept.at < KEPT:
            return kept
        counted = Counted(statistics.count(session, owner), now)
        with self._lock:
            self._kept.pop(owner, None)
            if clock.monotonic() - begun >= self._worth_keeping:
                self._kept[owner] = counted
                if len(self._kept) > MOST_LIBRARIES:
                    self._kept.popitem(last=False)
        return counted
