"""Which user of the operating system runs the server: PostgreSQL refuses to run as root."""

from __future__ import annotations

import os
import pwd
from dataclasses import dataclass
from pathlib import Path

from linkhold.errors import PermissionLost, ServerFault
from linkhold.postgres import faults

PREFERRED = ("linkhold", "nobody")
"""The users that root drops to, first that exists, when no file says whose the cluster is."""


@dataclass(frozen=True, slots=True)
class OsUser:
    """A user of the operating system who runs, or may reach, the server."""

    uid: int
    gid: int
    name: str

    @property
    def dropped_to(self) -> bool:
        """Whether this process is root and gives its rights up to be this user."""
        return os.geteuid() == 0


def for_cluster(data: Path, *, home: Path) -> OsUser:
    """Return who runs the server of the cluster `data` in `home`: ourselves, or as root another user."""
    if os.geteuid() != 0:
        return _by_uid(os.geteuid())
    owner = _owner(data)
    if owner == 0:
        raise PermissionLost(
            f"{data} belongs to root, as whom PostgreSQL refuses to run: "
            "give it back to the user that it belonged to (chown -R)."
        )
    if owner is not None:
        return _by_uid(owner)
    # A directory that somebody prepared for an unprivileged service says whose the service is.
    prepared = _owner(home)
    return _by_uid(prepared) if prepared else _preferred()


def names_allowed(server_user: OsUser) -> list[str]:
    """Return the names of the users that the server lets in: its own, and root, who could become it."""
    return list(dict.fromkeys((server_user.name, _by_uid(0).name)))


def _owner(path: Path) -> int | None:
    with faults.told_about(path):
        try:
            return path.lstat().st_uid
        except FileNotFoundError:
            return None


def _by_uid(uid: int) -> OsUser:
    try:
        entry = pwd.getpwuid(uid)
    except KeyError as error:
        raise ServerFault(
            f"The user with the number {uid} has no name on this machine, and PostgreSQL needs one: "
            "add it to /etc/passwd."
        ) from error
    return OsUser(entry.pw_uid, entry.pw_gid, entry.pw_name)


def _preferred() -> OsUser:
    for name in PREFERRED:
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return OsUser(entry.pw_uid, entry.pw_gid, entry.pw_name)
    raise ServerFault("PostgreSQL does not run as root: add a user named linkhold to this machine.")
