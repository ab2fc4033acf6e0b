"""Where the files of one embedded server are, and how its directories are made: private to their owner."""

from __future__ import annotations

import hashlib
import os
import socket
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from linkhold import clock
from linkhold.errors import PermissionLost
from linkhold.postgres import faults
from linkhold.postgres.privileges import OsUser

SOCKET = ".s.PGSQL.5432"
# Between making a directory and giving it to the server's user, another process may look at it.
SETTLE_TRIES, SETTLE_SECONDS = 40, 0.05


@dataclass(frozen=True, slots=True)
class Place:
    """The paths of one embedded server, all below the data directory `home`."""

    home: Path

    @property
    def root(self) -> Path:
        """The directory that holds all the rest."""
        return self.home / "postgres"

    @property
    def data(self) -> Path:
        """The cluster. It has this name only when it is complete."""
        return self.root / "data"

    @property
    def unfinished(self) -> Path:
        """A cluster that is being made."""
        return self.root / "data.new"

    @property
    def upgrading(self) -> Path:
        """A cluster that is being upgraded."""
        return self.root / "data.upgrading"

    @property
    def upgraded(self) -> Path:
        """A cluster whose upgrade is complete, and which wants only its name."""
        return self.root / "data.upgraded"

    def before(self, major: int) -> Path:
        """Where the cluster of an older PostgreSQL stays after its upgrade."""
        return self.root / f"data.pg{major}"

    @property
    def log(self) -> Path:
        """A week of the server's log."""
        return self.root / "log"

    @property
    def socket(self) -> Path:
        """The directory of the socket, when its path is short enough for one."""
        return self.root / "socket"

    @property
    def server_lock(self) -> Path:
        """Held while one process starts or stops the server."""
        return self.root / "server.lock"

    @property
    def users_lock(self) -> Path:
        """Shared by all processes that use the server."""
        return self.root / "users.lock"

    @property
    def running_lock(self) -> Path:
        """Held by the server's own processes, for as long as one of them lives."""
        return self.root / "running.lock"

    def socket_dirs(self) -> tuple[Path, Path]:
        """Return the directories in which the socket may be, the better first.

        Below the data directory it is found by all who can see the data, whatever their TMPDIR,
        XDG_RUNTIME_DIR or private /tmp. The short one is for a path that no socket address can hold.
        """
        digest = hashlib.sha256(os.fsencode(self.home)).hexdigest()[:16]
        base = Path("/run" if os.geteuid() == 0 and Path("/run").is_dir() else tempfile.gettempdir())
        return self.socket, base / f"linkhold-{os.geteuid()}-{digest}"


def at(data_dir: Path) -> Place:
    """Return the place of the server whose files are below this data directory."""
    return Place(Path(os.path.realpath(data_dir)))


def prepare(place: Place, user: OsUser) -> None:
    """Make the directories that are missing."""
    with faults.told_about(place.home):
        place.home.mkdir(mode=0o700, parents=True, exist_ok=True)
    with faults.told_about(place.root):
        # Another process may be making it at this moment; a file by this name is still an error.
        known = place.root.is_dir()
        place.root.mkdir(mode=0o700, exist_ok=True)
        if not known:
            _give(place.root, like=place.home)
    make_private(place.log, user)


def make_private(path: Path, user: OsUser) -> None:
    """Make a directory that only this user can enter; refuse one that is another's or a symbolic link."""
    with faults.told_about(path):
        try:
            path.mkdir(mode=0o700)
        except FileExistsError:
            found = _settled(path, user)
        else:
            if user.dropped_to:
                os.chown(path, user.uid, user.gid, follow_symlinks=False)
            found = path.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != user.uid or stat.S_IMODE(found.st_mode) & 0o077:
        raise PermissionLost(
            f"{path} must be a directory of the user {user.name} that nobody else can enter, and is not: "
            "put its owner and its permissions right, or those of what is beside it when that is "
            "another user's, then start again."
        )


def _settled(path: Path, user: OsUser) -> os.stat_result:
    """Return the status of a directory that another process may be about to give to its user."""
    found = path.lstat()
    for _ in range(SETTLE_TRIES):
        if not user.dropped_to or found.st_uid != os.geteuid():
            break
        clock.sleep(SETTLE_SECONDS)
        found = path.lstat()
    return found


def is_private(path: Path, owner: int) -> bool:
    """Tell whether this is a directory that only its owner, and it is this one, can enter."""
    try:
        found = path.lstat()
    except OSError:
        return False
    return stat.S_ISDIR(found.st_mode) and found.st_uid == owner and not stat.S_IMODE(found.st_mode) & 0o077


def choose_socket_dir(place: Place, user: OsUser) -> Path:
    """Make the directory of the socket, empty, and return it: the first in which a socket can be made."""
    near, short = place.socket_dirs()
    make_private(near, user)
    chosen = near if _can_hold_socket(near) else short
    make_private(chosen, user)
    # No process of this cluster lives when this is called. PostgreSQL would take the number of an unrelated
    # process in an old lock file for a living server, so what the last server left goes.
    for name in (SOCKET, f"{SOCKET}.lock"):
        with faults.told_about(chosen):
            (chosen / name).unlink(missing_ok=True)
    return chosen


@contextmanager
def opened(path: Path) -> Iterator[int]:
    """Open a directory for the block, to be handed to a program that could not walk to it."""
    with faults.told_about(path):
        handle = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        yield handle
    finally:
        os.close(handle)


def sync_dir(path: Path) -> None:
    """Make what was renamed or made in a directory durable."""
    with opened(path) as handle, faults.told_about(path):
        os.fsync(handle)


def _can_hold_socket(path: Path) -> bool:
    """Try it: the path may be too long, or the file system may have no sockets."""
    if "," in str(path):  # libpq takes a comma for the end of a host's name
        return False
    probe = path / SOCKET.replace("s", "t")
    with socket.socket(socket.AF_UNIX) as attempt:
        try:
            probe.unlink(missing_ok=True)
            attempt.bind(str(probe))
            probe.unlink()
        except OSError:
            return False
    return True


def _give(path: Path, *, like: Path) -> None:
    """Let a new directory belong to the owner of the directory that it is in, when we are root."""
    if os.geteuid() == 0:
        found = like.stat()
        os.chown(path, found.st_uid, found.st_gid, follow_symlinks=False)
