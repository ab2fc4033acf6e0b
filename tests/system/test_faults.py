"""A full disk, broken connections, a database that is away: 503, nothing lost, and on by itself."""

from __future__ import annotations

import itertools
import subprocess
import time
from collections.abc import Callable, Iterator
from http.client import HTTPException
from pathlib import Path

import pytest

import needs
from linkhold.postgres import binaries
from patience import until
from system import verdict
from system.served import Served
from system.writer import Writer

DISK = "160m"


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """Mount a file system of few megabytes."""
    needs.root()
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={DISK},mode=0755", "tmpfs", str(disk)]
    if subprocess.run(mount, capture_output=True, check=False).returncode != 0:
        needs.missing("the right to mount a file system")
    yield disk
    subprocess.run(["umount", "--lazy", str(disk)], check=True)


def fill(disk: Path) -> Path:
    """Leave no room on a disk, and return the file that takes it."""
    ballast = disk / "ballast"
    with ballast.open("wb", buffering=0) as file:
        for size in (1 << 20, 1 << 12):
            try:
                while True:
                    file.write(b"x" * size)
            except OSError:
                continue
    return ballast


def test_a_full_disk_loses_nothing_and_is_left_behind_when_there_is_room(
    make_served: Callable[..., Served], small_disk: Path
) -> None:
    served = make_served(small_disk)
    served.log.touch()
    served.start()
    writer = Writer(served)
    writer.start()
    time.sleep(0.5)
    ballast = fill(small_disk)
    until(lambda: writer.statuses[503] >= 5)
    saved = len(writer.acknowledged)
    ballast.unlink()
    served.wait_ready()
    until(lambda: len(writer.acknowledged) >= saved + 20)
    writer.stop()
    verdict.assert_kept(served, writer)
    served.stop()
    assert verdict.checksums_verify(served)


def test_terminated_connections_lose_nothing(served: Served) -> None:
    writer = Writer(served)
    writer.start()
    with served.database("postgres") as admin:
        rounds = itertools.count(1)

        def have_been_terminated() -> bool:
            time.sleep(0.1)
            admin.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'linkhold'")
            return next(rounds) >= 20 and writer.statuses[201] > 50

        until(have_been_terminated)
    writer.stop()
    verdict.assert_kept(served, writer)


def test_who_asks_first_after_the_database_went_away_is_told_in_seconds(
    make_served: Callable[..., Served],
) -> None:
    """A pooler would let a request wait for two minutes; by then nobody waits for its answer."""
    served = make_served(programs=binaries.at(needs.debian_postgres()))
    served.start()
    assert served.request("GET", "/links")[0] == 200
    served.stop_postgres()
    began = time.monotonic()
    assert served.request("GET", "/links")[0] == 503
    assert time.monotonic() - began < 30
    served.start_postgres()
    served.wait_ready()


def test_a_web_process_that_begins_while_the_database_is_away_answers_when_it_is_back(
    make_served: Callable[..., Served],
) -> None:
    """It ended at once, and Granian, which took that for a loop of crashes, ended all of them."""
    served = make_served(programs=binaries.at(needs.debian_postgres()))
    served.start()
    served.stop_postgres()
    former = served.workers()
    for worker in former:
        worker.kill()
    until(lambda: len(set(served.workers()) - set(former)) == len(former))
    until(lambda: status_of(served) == 503)
    served.start_postgres()
    served.wait_ready()
    assert status_of(served) == 200


def status_of(served: Served) -> int | None:
    """Return how a list is answered; None if nobody answers yet."""
    try:
        return served.request("GET", "/links")[0]
    except (OSError, HTTPException):
        return None


def test_a_database_that_is_stopped_for_a_while_loses_nothing_and_is_503_until_it_is_back(
    make_served: Callable[..., Served],
) -> None:
    """With a PostgreSQL of one's own, which Linkhold does not start: here Debian's 15."""
    served = make_served(programs=binaries.at(needs.debian_postgres()))
    served.start()
    writer = Writer(served)
    writer.start()
    until(lambda: len(writer.acknowledged) >= 20)
    served.stop_postgres()
    until(lambda: writer.statuses[503] >= 5)
    for method, path in (("POST", "/links"), ("GET", "/links"), ("GET", "/readyz")):
        body = {"url": "https://during.example/"} if method == "POST" else None
        status, answer, headers = served.request(method, path, body)
        assert status == 503, answer
        assert int(headers["retry-after"]) > 0
    assert served.request("GET", "/healthz")[0] == 200
    saved = len(writer.acknowledged)
    served.start_postgres()
    served.wait_ready()
    until(lambda: len(writer.acknowledged) >= saved + 20)
    writer.stop()
    verdict.assert_kept(served, writer)
    assert served.stop() == 0
    assert verdict.checksums_verify(served)
