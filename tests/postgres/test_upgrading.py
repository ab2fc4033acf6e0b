"""A cluster of an older PostgreSQL is brought up to date, or left as it was."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from linkhold.errors import DiskFull, UpgradeFailed
from linkhold.postgres import binaries, cluster, places, upgrading
from linkhold.postgres.binaries import Binaries
from linkhold.postgres.lease import Lease
from linkhold.postgres.places import Place
from postgres import machine

pytestmark = pytest.mark.embedded

Acquire = Callable[..., Lease]
PRECIOUS = "CREATE TABLE precious AS SELECT id, md5(id::text) AS word FROM generate_series(1, 5000) id"


@pytest.fixture
def sixteen() -> Binaries:
    found = binaries.older(16)
    assert found is not None
    return found


@pytest.fixture
def old_dir(new_dir: Path, acquire: Acquire, sixteen: Binaries) -> Path:
    """A data directory that PostgreSQL 16 made, with something in it."""
    lease = acquire(new_dir, using=sixteen)
    machine.ask(lease, PRECIOUS)
    machine.ask(lease, "CREATE INDEX ON precious (word)")
    lease.close()
    assert cluster.read_major(places.at(new_dir)) == 16
    return new_dir


def crash_once_upgraded(place: Place) -> None:
    if place.upgraded.is_dir():
        raise KeyboardInterrupt


def count(lease: Lease) -> int:
    found = machine.ask(lease, "SELECT count(*) FROM precious WHERE word = md5(id::text)")
    return int(str(found[0][0]))


def test_data_of_postgresql_16_is_there_in_18(old_dir: Path, acquire: Acquire) -> None:
    lease = acquire(old_dir)
    assert str(machine.ask(lease, "SHOW server_version")[0][0]).startswith("18")
    assert count(lease) == 5000
    assert machine.ask(lease, "SHOW data_checksums")[0][0] == "on"
    assert machine.ask(lease, "SELECT rolsuper FROM pg_roles WHERE rolname = 'linkhold'")[0][0] is False
    place = places.at(old_dir)
    assert place.before(16).is_dir()
    assert not place.upgrading.exists()
    assert not place.upgraded.exists()


def test_a_cluster_that_was_killed_is_recovered_first(
    new_dir: Path, acquire: Acquire, sixteen: Binaries
) -> None:
    lease = acquire(new_dir, using=sixteen)
    machine.ask(lease, PRECIOUS)
    machine.kill_hard(new_dir)
    lease.close()
    assert count(acquire(new_dir)) == 5000


def test_an_upgrade_that_fails_leaves_what_was(
    old_dir: Path, acquire: Acquire, sixteen: Binaries, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A new cluster without checksums cannot take over one that has them: pg_upgrade finds that out."""
    arguments = cluster.initdb_arguments
    monkeypatch.setattr(
        cluster, "initdb_arguments", lambda major: [*arguments(major)[1:], "--no-data-checksums"]
    )
    with pytest.raises(UpgradeFailed) as fault:
        acquire(old_dir)
    assert "as it was" in fault.value.message
    assert "checksum" in fault.value.message
    assert not places.at(old_dir).upgrading.exists()
    assert cluster.read_major(places.at(old_dir)) == 16
    assert count(acquire(old_dir, using=sixteen)) == 5000


def test_without_room_for_a_copy_nothing_is_begun(
    old_dir: Path, acquire: Acquire, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: type("Usage", (), {"free": 1 << 20}))
    with pytest.raises(DiskFull, match="MiB on the disk"):
        acquire(old_dir)
    assert cluster.read_major(places.at(old_dir)) == 16


@pytest.mark.parametrize("renamed", [False, True])
def test_a_crash_between_the_two_names_loses_nothing(
    old_dir: Path, acquire: Acquire, monkeypatch: pytest.MonkeyPatch, *, renamed: bool
) -> None:
    """At no moment is there no cluster: a start would otherwise make a new, empty one."""
    with monkeypatch.context() as crashing:
        crashing.setattr(upgrading, "finish", crash_once_upgraded)
        with pytest.raises(KeyboardInterrupt):
            acquire(old_dir)
    place = places.at(old_dir)
    assert place.upgraded.is_dir()
    if renamed:
        place.data.rename(place.before(16))
    assert count(acquire(old_dir)) == 5000
    assert place.before(16).is_dir()
