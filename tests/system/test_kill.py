"""Saved means saved: processes are killed at random moments, and nothing acknowledged is lost.

SIGKILL takes a process and not the machine: what the operating system was given, it still has. So
this proves that no answer is ahead of its commit and that no save is half done; that a commit
survives the loss of power rests on fsync and on the disk, and the settings are held on here.
"""

from __future__ import annotations

import os
import random
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from pooling import POOLED
from system import verdict
from system.served import Served
from system.writer import Writer

ROUNDS = int(os.environ.get("KILL_ROUNDS", "30"))
TARGETS = ("web", "worker", "postmaster", "backend", "everything", *(["pooler"] if POOLED else []))


def kill(served: Served, target: str, chance: random.Random) -> None:
    """Kill one thing, or all, with SIGKILL."""
    postmaster = served.postmaster()
    backends = served.backends()
    victims: list[psutil.Process] = {
        "web": [],
        "worker": served.workers(),
        "postmaster": [postmaster] if postmaster else [],
        "backend": chance.sample(backends, min(1, len(backends))),
        "everything": [*backends, postmaster] if postmaster else backends,
        "pooler": [],
    }[target]
    for victim in victims:
        try:
            victim.kill()
        except psutil.NoSuchProcess:
            continue
    if served.pooler is not None and target in {"pooler", "everything"}:
        served.pooler.kill()
        served.pooler.start()
    if target in {"web", "everything"}:
        served.kill()
        served.start()


@pytest.mark.timeout(300 + ROUNDS * 30)
def test_nothing_acknowledged_is_lost_when_anything_is_killed(served: Served) -> None:
    seed = int.from_bytes(os.urandom(4))
    print(f"seed {seed}")  # noqa: T201 - told with a failure
    chance = random.Random(seed)
    writer = Writer(served)
    for number in range(ROUNDS):
        writer.start()
        time.sleep(chance.uniform(0.2, 0.9))
        kill(served, TARGETS[number % len(TARGETS)], chance)
        served.wait_ready()
        writer.wait_for_more()
        writer.stop()
    served.wait_ready()
    verdict.assert_kept(served, writer)
    with served.database() as connection:
        for name in ("fsync", "full_page_writes", "synchronous_commit", "data_checksums"):
            assert connection.execute(f"SHOW {name}").fetchone() == ("on",)
    assert served.stop() == 0
    assert verdict.checksums_verify(served)


def test_a_save_that_answers_before_it_commits_is_found_out(make_served: Callable[..., Served]) -> None:
    """The harness is worth something only if it finds the fault that it is there to find."""
    served = make_served()
    served.command = [
        *(str(Path(sys.executable).parent / "gunicorn"), "--workers", "1", "--threads", "8"),
        *("--bind", f"127.0.0.1:{served.port}", "system.answers_early:app"),
    ]
    lost: set[int] = set()
    for _ in range(10):
        served.start()
        writer = Writer(served)
        writer.start()
        time.sleep(0.7)
        served.kill()
        writer.stop()
        served.start()
        found = verdict.judge(served, writer)
        # Ids are made up by the broken save: what counts is whether the link is there at all.
        with served.database() as connection:
            rows = connection.execute("SELECT title FROM links").fetchall()
        there = {int(title.split()[1]) for (title,) in rows}
        lost = set(writer.acknowledged) - there
        served.stop()
        if lost:
            assert lost <= found.lost
            return
    pytest.fail("the harness did not notice saves that were answered before they were committed")
