"""What a killed postmaster leaves behind: its processes, most of which notice, and end at once.

One that waits for a lock in shared memory which another one held when it was killed never notices, and waits
for ever. It can do nothing any more, and no server can be started beside it; PostgreSQL's documentation
(18.5, "Shutting Down the Server") leaves it to the operator to end such processes.
"""

from __future__ import annotations

import contextlib
import math
from collections.abc import Iterator

import psutil

from linkhold import clock
from linkhold.postgres.places import Place

CHILD = "postgres: "
"""How a postmaster's children call themselves (PostgreSQL's documentation, 27.1)."""
GRACE_SECONDS = 5.0
"""How long they get to end by themselves: they take milliseconds."""


class Patience:
    """Counts for how long there has been no postmaster, and then ends what is left of its server."""

    def __init__(self, place: Place) -> None:
        self._place = place
        self._over_at = math.inf

    def wait(self, *, headless: bool) -> None:
        """Take note of whether there are processes without a postmaster; those that outstay are killed."""
        if not headless:
            self._over_at = math.inf
        elif self._over_at == math.inf:
            self._over_at = clock.monotonic() + GRACE_SECONDS
        elif clock.monotonic() > self._over_at:
            self._over_at = math.inf
            for process in _find(self._place):
                with contextlib.suppress(psutil.Error):
                    process.kill()


def _find(place: Place) -> Iterator[psutil.Process]:
    """Yield the processes of PostgreSQL that work in this cluster, and whose postmaster is gone."""
    for process in psutil.process_iter():
        # Those of others on this machine, and of other containers, cannot be looked at, or are not seen.
        with contextlib.suppress(psutil.Error, OSError):
            if _is_led_by_none(process) and place.data.samefile(process.cwd()):
                yield process


def _is_led_by_none(process: psutil.Process) -> bool:
    """Tell a postmaster's child that lost it; a postmaster itself is named by its command, and left alone."""
    if not _is_postgres(process) or not "".join(process.cmdline()[:1]).startswith(CHILD):
        return False
    parent = process.parent()
    return parent is None or not _is_postgres(parent)


def _is_postgres(process: psutil.Process) -> bool:
    return process.name().startswith("postgres")
