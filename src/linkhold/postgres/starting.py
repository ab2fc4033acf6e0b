"""Brings the server up: uses the one that runs, waits for one that is on its way, or starts it.

The caller holds the lock `server.lock`, so that only one process does this at a time.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from linkhold.postgres import binaries as programs
from linkhold.postgres import (
    cluster,
    installation,
    launching,
    locks,
    orphans,
    postmaster,
    privileges,
    upgrading,
)
from linkhold.postgres.binaries import Binaries
from linkhold.postgres.journal import Journal
from linkhold.postgres.places import Place
from linkhold.postgres.postmaster import Postmaster
from linkhold.postgres.programs import Hands
from linkhold.postgres.vigil import PATIENCE, Vigil


@dataclass(frozen=True, slots=True)
class Order:
    """What is asked for: which place, with which programs and settings, and whom to tell."""

    place: Place
    say: Callable[[str], None]
    binaries: Binaries | None = None
    extra_settings: Mapping[str, str] = field(default_factory=dict)
    patience: float = PATIENCE


def ensure(order: Order) -> Postmaster:
    """Return the running server of the place, started if need be; raises `ServerFault` that prevents it."""
    vigil = Vigil(Journal(order.place.log), order.say, patience=order.patience)
    while True:
        found = _wait_for_others(order.place, vigil)
        if isinstance(found, Postmaster):
            return found
        try:
            started = _start(order, found, vigil)
        finally:
            os.close(found)  # the server has its own copy, and holds the lock as long as it lives
        if started is not None:
            return started
        vigil.wait(None, "waits for the processes of a killed server to end")


def _wait_for_others(place: Place, vigil: Vigil) -> Postmaster | int:
    """Return a server that is ready; or, when no process of one is left, the lock that shows it."""
    patience = orphans.Patience(place)
    while True:
        living = postmaster.find(place)
        if living is not None and living.ready:
            return living
        lock = locks.try_exclusive(place.running_lock)
        if lock is not None:
            if living is None:
                return lock
            os.close(lock)  # somebody started it by hand
        patience.wait(headless=living is None)
        vigil.wait(living.pid if living else None, _doing(living))


def _doing(living: Postmaster | None) -> str:
    if living is None:
        return "has processes left of an earlier run, or runs in another container"
    return "is stopping" if living.state == "stopping" else "is starting"


def _start(order: Order, lock: int, vigil: Vigil) -> Postmaster | None:
    """Start the server, on a new cluster if there is none; None when it is to be tried again."""
    place = order.place
    user = privileges.for_cluster(place.data, home=place.home)
    binaries = installation.within_reach(order.binaries or programs.bundled(), user)
    hands = Hands(user, binaries, lock)
    upgrading.finish(place)
    if cluster.exists(place):
        _bring_up_to_date(order, hands)
    else:
        order.say(f"Making a new PostgreSQL {binaries.major} database in {place.root}.")
        cluster.create(place, hands, durable=order.extra_settings.get("fsync") != "off")
    return launching.launch(place, hands, vigil, extra_settings=order.extra_settings)


def _bring_up_to_date(order: Order, hands: Hands) -> None:
    """Upgrade a cluster of an older PostgreSQL; raises for one that these programs must not touch."""
    major = cluster.read_major(order.place)
    if major == hands.binaries.major:
        return
    old = programs.older(major) if major < hands.binaries.major else None
    if old is None:
        raise cluster.other_version(order.place, major, ours=hands.binaries.major)
    upgrading.upgrade(order.place, hands, old, say=order.say)
