"""The embedded server, as the rest of Linkhold sees it: acquire it, ask about it, stop it."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from linkhold import clock
from linkhold.errors import ServerAway, ServerFault, ServerInUse
from linkhold.postgres import (
    cluster,
    connection,
    locks,
    places,
    postmaster,
    privileges,
    starting,
    stopping,
)
from linkhold.postgres.binaries import Binaries
from linkhold.postgres.journal import Journal
from linkhold.postgres.lease import Lease
from linkhold.postgres.postmaster import Postmaster
from linkhold.postgres.starting import Order
from linkhold.postgres.vigil import Vigil

REACHED_WITHIN = 20.0
"""How long a server that cannot be reached is asked again; one that recovers is waited for as at a start."""


@dataclass(frozen=True, slots=True)
class Status:
    """What is known about a server without touching it."""

    running: bool
    pid: int | None
    state: str
    """`absent` (never made), `stopped`, `starting`, `ready` or `stopping`."""
    version: int | None
    """The major version of PostgreSQL that made the cluster."""
    socket_dir: Path | None
    users: bool
    """Whether any process uses it, or is about to."""

    def describe(self) -> str:
        """Return one sentence for a person."""
        if self.state == "absent":
            return "not made yet; the first start makes it."
        if not self.running:
            return f"PostgreSQL {self.version}, stopped."
        use = "in use" if self.users else "not in use"
        where = f"process {self.pid}, socket in {self.socket_dir}"
        return f"PostgreSQL {self.version}, {self.state}, {where}, {use}."


def acquire(
    data_dir: Path,
    *,
    say: Callable[[str], None],
    binaries: Binaries | None = None,
    extra_settings: Mapping[str, str] | None = None,
) -> Lease:
    """Return a use of the server whose files are below a directory; it is made and started if need be.

    `say` is told what takes long. Raises the `ServerFault` that says why there can be none.
    """
    place = places.at(data_dir)
    order = Order(place, say, binaries, extra_settings or {})
    places.prepare(place, privileges.for_cluster(place.data, home=place.home))
    with locks.exclusive(place.server_lock, say):
        users = locks.share(place.users_lock)
        try:
            living = _reached(order)
        except BaseException:
            os.close(users)
            if not stopping.in_use(place):
                stopping.stop(place)
            raise
    return Lease(order, users, living.socket_dir)


def _reached(order: Order) -> Postmaster:
    """Return the server when it runs and can be reached; it may end, and recover, while it is asked."""
    give_up = clock.monotonic() + REACHED_WITHIN
    watch = Vigil(Journal(order.place.log), order.say)
    while True:
        living = starting.ensure(order)
        try:
            connection.check(order.place, living, order.say)
        except ServerAway as away:
            if not away.recovers and clock.monotonic() > give_up:
                raise
            watch.wait(living.pid, "cannot be reached")
        else:
            return living


def status(data_dir: Path) -> Status:
    """Return what is known about the server of a data directory; changes and starts nothing."""
    place = places.at(data_dir)
    if not cluster.exists(place):
        return Status(running=False, pid=None, state="absent", version=None, socket_dir=None, users=False)
    living = postmaster.find(place)
    return Status(
        running=living is not None,
        pid=living.pid if living else None,
        state=living.state if living else "stopped",
        version=cluster.read_major(place),
        socket_dir=living.socket_dir if living else None,
        # A process that is starting or stopping it holds the one lock, one that uses it the other.
        users=locks.is_held(place.server_lock) or locks.is_held(place.users_lock),
    )


def stop(data_dir: Path) -> bool:
    """Stop the server of a data directory; tells whether there was one. Raises `ServerInUse`."""
    place = places.at(data_dir)
    if not cluster.exists(place):
        return False
    with locks.exclusive(place.server_lock, lambda _: None):
        if stopping.in_use(place):
            raise ServerInUse
        stopped = stopping.stop(place)
        if postmaster.find(place) is not None:
            raise ServerFault(
                f"PostgreSQL is stopping, and has not finished in {stopping.SECONDS:.0f} seconds: "
                "it will end by itself."
            )
        return stopped
