"""The gate to PostgreSQL's programs: runs them as the server's user, in an empty environment."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from linkhold.postgres.binaries import Binaries
from linkhold.postgres.privileges import OsUser

# Nothing of the caller's environment goes in: PGDATA, PGPORT, LANG or LD_PRELOAD would change the server.
_ENVIRONMENT = {"PATH": "/usr/bin:/bin", "LC_ALL": "C"}
_DESCRIPTORS = Path("/proc/self/fd")


@dataclass(frozen=True, slots=True)
class Hands:
    """Who runs the programs, which they are, and the open files that go into them."""

    user: OsUser
    binaries: Binaries
    lock: int
    """Holds the lock on the running server; each process of the server inherits it."""

    def run(
        self,
        program: str,
        arguments: Sequence[str],
        *,
        passing: Sequence[int],
        text: str = "",
        directory: Path = Path("/"),
    ) -> str:
        """Run a program to its end; raises `subprocess.CalledProcessError` with what it wrote."""
        return subprocess.run(  # noqa: S603 - the program is PostgreSQL's
            [self.binaries.program(program), *arguments],
            input=text,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            check=True,
            cwd=directory,
            env=_ENVIRONMENT,
            pass_fds=(self.lock, *passing),
            umask=0o077,
            user=self.user.uid if self.user.dropped_to else None,
            group=self.user.gid if self.user.dropped_to else None,
            extra_groups=[] if self.user.dropped_to else None,
            start_new_session=True,
        ).stdout

    def launch(
        self, program: str, arguments: Sequence[str], *, passing: Sequence[int], stderr: int
    ) -> subprocess.Popen[bytes]:
        """Start a program that outlives us; a Ctrl-C at our terminal does not reach it."""
        return subprocess.Popen(  # noqa: S603 - the program is PostgreSQL's
            [self.binaries.program(program), *arguments],
            stdin=subprocess.DEVNULL,
            stdout=stderr,
            stderr=stderr,
            cwd="/",
            env=_ENVIRONMENT,
            pass_fds=(self.lock, *passing),
            umask=0o077,
            user=self.user.uid if self.user.dropped_to else None,
            group=self.user.gid if self.user.dropped_to else None,
            extra_groups=[] if self.user.dropped_to else None,
            start_new_session=True,
        )

    def name_of(self, path: Path, handle: int) -> str:
        """Return a name by which a program can reach an open directory.

        The user that root drops to may not be able to walk to it, below /root for instance. Nothing is
        opened for others then: the open directory itself is handed over, and has a name in /proc.
        """
        if self.user.dropped_to and _DESCRIPTORS.is_dir():
            return str(_DESCRIPTORS / str(handle))
        return str(path)


def read_back(handle: int) -> str:
    """Return what a program has written to a file that was given to it as its stderr."""
    return os.pread(handle, 1 << 20, 0).decode(errors="replace")
