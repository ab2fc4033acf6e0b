"""A fresh Debian with systemd as its first process, in a container on this machine's network.

The tree is made by debootstrap, from the same mirror that this machine uses, and booted by
systemd-nspawn: units, sockets, sandboxes and restarts are the real ones. `INSTALL_ON` names another
release than Debian 12, and `INSTALL_MIRROR` where its packages are, if that is elsewhere (Ubuntu's).
"""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import tempfile
import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import psutil

import needs

ROOT = Path(__file__).parents[2]
FIRST_PACKAGES = "systemd,systemd-sysv,dbus,ca-certificates,iproute2,procps"

PREFIX = "linkhold-machine-"
SUITE = os.environ.get("INSTALL_ON", "bookworm")
MIRROR = os.environ.get("INSTALL_MIRROR")
PYTHONS = {"bookworm": "3.11", "trixie": "3.13", "jammy": "3.11", "noble": "3.12"}
"""The releases of Debian and Ubuntu that are installed on, and the Python by which each runs Linkhold."""
UBUNTU = {"jammy", "noble"}


def run(*command: str | Path, **options: object) -> str:
    """Run a command of this machine and return what it prints."""
    done = subprocess.run(  # type: ignore[call-overload]  # options are handed on
        [str(part) for part in command], capture_output=True, text=True, check=False, **options
    )
    assert done.returncode == 0, f"{command}: {done.stdout[-3000:]}{done.stderr[-3000:]}"
    return str(done.stdout)


def _own_mirror() -> str:
    """Return where this machine's packages come from."""
    return run("apt-get", "indextargets", "--format", "$(REPO_URI)", "Codename: bookworm").split()[0]


def is_apart(process: psutil.Process) -> bool:
    """Tell whether a process counts processes by itself, as a container's does."""
    try:
        return Path(f"/proc/{process.pid}/ns/pid").readlink() != Path("/proc/self/ns/pid").readlink()
    except OSError:
        return False


@dataclass
class Machine:
    """The tree and, when it is booted, its first process."""

    home: Path = field(default_factory=lambda: Path(tempfile.mkdtemp(prefix=PREFIX)))
    booted: subprocess.Popen[bytes] | None = None
    leader: int = 0
    mine: int | None = None

    @property
    def tree(self) -> Path:
        return self.home / "tree"

    def make(self) -> None:
        """Make the tree, with the project's files as a clone has them, and the wheels that it locks."""
        for program in ("debootstrap", "systemd-nspawn"):
            needs.program(program, {"systemd-nspawn": "systemd-container"}.get(program))
        self._end_those_left_behind()
        options = ["--variant=minbase", f"--include={FIRST_PACKAGES}"]
        script: list[str] = []
        if SUITE in UBUNTU:
            options += [
                "--components=main,universe",
                "--keyring=/usr/share/keyrings/ubuntu-archive-keyring.gpg",
            ]
            # Which all of Ubuntu's share, also those that are newer than this debootstrap.
            script = ["/usr/share/debootstrap/scripts/gutsy"]
        mirror = MIRROR or _own_mirror()
        run("debootstrap", *options, SUITE, self.tree, mirror, *script)
        if SUITE in UBUNTU:
            # As Ubuntu's own servers come; the Python 3.11 of 22.04 is there alone.
            with (self.tree / "etc/apt/sources.list").open("a") as sources:
                sources.write(f"deb {mirror} {SUITE}-updates main universe\n")
        # Of some a link to what a service of theirs will write.
        (self.tree / "etc/resolv.conf").unlink(missing_ok=True)
        shutil.copy("/etc/resolv.conf", self.tree / "etc/resolv.conf")
        with (self.tree / "etc/hosts").open("a") as hosts:
            hosts.write("127.0.0.1 localhost links.example\n")
        self._copy_project(self.tree / "srv/linkhold")
        self._copy_wheels(self.tree / "srv/wheels")

    def _end_those_left_behind(self) -> None:
        """End the machines of runs that were killed: they hold this machine's ports, and its disk."""
        self.mine = self._lock(self.home)
        for home in self.home.parent.glob(f"{PREFIX}*"):
            if home == self.home or (home / "kept").exists() or (held := self._lock(home)) is None:
                continue
            for process in psutil.process_iter():
                with suppress(psutil.Error):
                    if f"--directory={home / 'tree'}" in process.cmdline():
                        process.kill()
                        process.wait(60)
            shutil.rmtree(home, ignore_errors=True)
            os.close(held)

    @staticmethod
    def _lock(home: Path) -> int | None:
        """Lock a machine's directory, for as long as this process lives; None if another has it."""
        held = os.open(home, os.O_RDONLY)
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(held)
            return None
        return held

    def _copy_project(self, target: Path) -> None:
        listed = run("git", "ls-files", "--cached", "--others", "--exclude-standard", "-z", cwd=ROOT)
        for name in filter(None, listed.split("\0")):
            if (ROOT / name).is_file():
                (target / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(ROOT / name, target / name)

    def _copy_wheels(self, target: Path) -> None:
        pip: list[str | Path] = [
            ROOT / ".venv/bin/python",
            "-m",
            "pip",
            "--disable-pip-version-check",
            "--quiet",
        ]
        for name in ("run", "gunicorn"):
            run(
                *(*pip, "download", "--require-hashes", "--only-binary", ":all:", "--dest", target),
                *("--python-version", PYTHONS[SUITE]),
                *("--requirement", ROOT / f"requirements/{name}.txt"),
            )

    def boot(self) -> None:
        """Start its systemd, and wait until all of it runs."""
        with (self.home / "boot.log").open("wb") as log:
            self.booted = subprocess.Popen(
                [
                    *("systemd-nspawn", "--register=no", "--keep-unit", "--console=pipe"),
                    *("--machine=linkhold", f"--directory={self.tree}", "--boot"),
                ],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        until = time.monotonic() + 300
        while time.monotonic() < until:
            # Its first child is none of the container's yet.
            children = [each for each in psutil.Process(self.booted.pid).children() if is_apart(each)]
            if children:
                self.leader = children[0].pid
                state = self.command("systemctl is-system-running || true", check=False).stdout.strip()
                if state in {"running", "degraded"}:
                    return
            time.sleep(0.3)
        raise AssertionError((self.home / "boot.log").read_text(errors="replace")[-3000:])

    def command(
        self, line: str, *, check: bool = True, timeout: float = 600
    ) -> subprocess.CompletedProcess[str]:
        """Run a line of shell inside, as root."""
        done = subprocess.run(
            [
                *("nsenter", "--target", str(self.leader), "--mount", "--uts", "--ipc", "--pid", "--cgroup"),
                *("--root", "--wd"),
                # Whoever runs the tests in the background ignores interrupts, and what is inherited cannot
                # be taken back by a shell.
                *("env", "--default-signal", "/bin/bash", "-c", line),
            ],
            env={"PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "LANG": "C.UTF-8"},
            capture_output=True,
            text=True,
            check=False,
            timeout=timeout,
        )
        assert not check or done.returncode == 0, f"{line}\n{done.stdout[-4000:]}\n{done.stderr[-4000:]}"
        return done

    def said(self, unit: str = "linkhold") -> str:
        """Return what a unit wrote to the journal."""
        return self.command(f"journalctl --unit {unit} --output cat --no-pager", check=False).stdout

    def close(self) -> None:
        """Switch it off and take it away."""
        if self.booted is not None and self.booted.poll() is None and self.leader:
            self.command("systemctl --force poweroff", check=False)
            try:
                self.booted.wait(60)
            except subprocess.TimeoutExpired:
                self.booted.kill()
                self.booted.wait(30)
        if os.environ.get("KEEP_MACHINE") == "1":
            (self.home / "kept").touch()
        else:
            shutil.rmtree(self.home, ignore_errors=True)
