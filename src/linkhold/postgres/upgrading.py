"""An older PostgreSQL's cluster brought to the version that Linkhold brings: by `pg_upgrade`, or not at all.

The old cluster is only read: `pg_upgrade` copies it. Two names tell how far it got, whatever happens:
`data.upgrading` is thrown away by the next attempt, `data.upgraded` is complete and only wants its name.
The old one stays beside it as `data.pg16`, until somebody removes it.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from linkhold.errors import DiskFull, UpgradeFailed
from linkhold.postgres import cluster, faults, installation, places, privileges
from linkhold.postgres.binaries import Binaries
from linkhold.postgres.places import Place
from linkhold.postgres.programs import Hands

LAST_WORDS = 1500


def finish(place: Place) -> None:
    """Give an upgraded cluster its name, also when a crash came between; nothing happens without one."""
    if not place.upgraded.is_dir():
        return
    with faults.told_about(place.root):
        if cluster.exists(place):
            place.data.rename(place.before(cluster.read_major(place)))
        place.upgraded.rename(place.data)
    places.sync_dir(place.root)


def upgrade(place: Place, hands: Hands, old: Binaries, *, say: Callable[[str], None]) -> None:
    """Upgrade the cluster, in which no server runs, from one version's programs to another's.

    Raises `UpgradeFailed`, with what `pg_upgrade` said, and `DiskFull`; the cluster is then what it was.
    """
    _see_that_there_is_room(place)
    say(
        f"Upgrading the database from PostgreSQL {old.major} to {hands.binaries.major}. This copies it; the"
        f" old one stays in {place.before(old.major)}."
    )
    with faults.told_about(place.root):
        shutil.rmtree(place.upgrading, ignore_errors=True)
        shutil.rmtree(place.before(old.major), ignore_errors=True)
    try:
        _upgrade(place, hands, old)
    except subprocess.CalledProcessError as error:
        said = " ".join(str(error.stdout).split())[-LAST_WORDS:]
        raise UpgradeFailed(
            f"The upgrade from PostgreSQL {old.major} to {hands.binaries.major} failed, and the database is"
            f" as it was: the Linkhold before still reads it. pg_upgrade said: … {said}"
        ) from error
    finally:
        with faults.told_about(place.upgrading):
            shutil.rmtree(place.upgrading, ignore_errors=True)
    finish(place)


def _upgrade(place: Place, hands: Hands, old: Binaries) -> None:
    former = Hands(hands.user, installation.within_reach(old, hands.user), hands.lock)
    places.make_private(place.upgrading, hands.user)
    with (
        places.opened(place.data) as data,
        places.opened(place.upgrading) as upgrading,
        _workshop(hands) as workshop,
    ):
        names = privileges.names_allowed(hands.user)
        old_name, new_name = hands.name_of(place.data, data), hands.name_of(place.upgrading, upgrading)
        # A cluster that was not shut down is refused: recovering it is what its own version does best.
        single = ["--single", "-D", old_name, "-c", "exit_on_error=on", "postgres"]
        former.run("postgres", single, passing=[data])
        hands.run(
            "initdb", [*cluster.initdb_arguments(hands.binaries.major), "-D", new_name], passing=[upgrading]
        )
        for path, handle in ((place.data, data), (place.upgrading, upgrading)):
            cluster.write_access_rules(path, handle, names=names)
        hands.run(
            "pg_upgrade",
            [
                f"--old-bindir={former.binaries.bin_dir}",
                f"--new-bindir={hands.binaries.bin_dir}",
                f"--old-datadir={old_name}",
                f"--new-datadir={new_name}",
                f"--username={cluster.SUPERUSER}",
                f"--socketdir={workshop}",
            ],
            passing=[data, upgrading],
            directory=workshop,
        )
        hands.run("initdb", ["--sync-only", "-D", new_name], passing=[upgrading])
    with faults.told_about(place.upgraded):
        place.upgrading.rename(place.upgraded)
    places.sync_dir(place.root)


@contextmanager
def _workshop(hands: Hands) -> Iterator[Path]:
    """Make a directory for the socket and for what pg_upgrade leaves lying about; its path is short."""
    path = Path(tempfile.mkdtemp(prefix="linkhold-upgrade-"))
    try:
        if hands.user.dropped_to:
            os.chown(path, hands.user.uid, hands.user.gid)
        yield path
    finally:
        shutil.rmtree(path, ignore_errors=True)


def _see_that_there_is_room(place: Place) -> None:
    with faults.told_about(place.data):
        needed = sum(path.lstat().st_size for path in place.data.rglob("*"))
        free = shutil.disk_usage(place.root).free
    if free < needed:
        raise DiskFull(
            f"The database must be copied to be upgraded: that needs {needed >> 20} MiB on the disk of"
            f" {place.root}, and {free >> 20} are free. Nothing was changed."
        )
