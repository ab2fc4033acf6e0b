"""Memory, as the kernel counts it: shares of shared pages, and peaks that no sampling can miss."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import psutil

RESET_PEAK = "5"
SAMPLE_SECONDS = 0.25


def proportional(processes: Iterable[psutil.Process]) -> int:
    """Return the bytes of processes together, each shared page divided among those who share it (PSS)."""
    return sum(_field(process.pid, "smaps_rollup", "Pss") for process in processes)


def resident(processes: Iterable[psutil.Process]) -> int:
    """Return the bytes that processes have in memory, shared ones counted in each (RSS)."""
    return sum(_field(process.pid, "status", "VmRSS") for process in processes)


def forget_peaks(processes: Iterable[psutil.Process]) -> None:
    """Make the kernel's record of the highest RSS begin anew."""
    for process in processes:
        Path(f"/proc/{process.pid}/clear_refs").write_text(RESET_PEAK)


def peaks(processes: Iterable[psutil.Process]) -> int:
    """Return the sum of each process's highest RSS since `forget_peaks`."""
    return sum(_field(process.pid, "status", "VmHWM") for process in processes)


@contextlib.contextmanager
def watched(processes: Callable[[], Iterable[psutil.Process]]) -> Iterator[list[int]]:
    """Collect what processes need together (PSS), several times a second, while the block runs."""
    seen: list[int] = []
    done = threading.Event()

    def watch() -> None:
        while not done.wait(SAMPLE_SECONDS):
            seen.append(proportional(processes()))

    thread = threading.Thread(target=watch)
    thread.start()
    try:
        yield seen
    finally:
        done.set()
        thread.join()


def _field(pid: int, file: str, name: str) -> int:
    """Return a number of kilobytes from a file of the process, in bytes; 0 when the process has gone."""
    try:
        text = Path(f"/proc/{pid}/{file}").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return 0
    for line in text.splitlines():
        if line.startswith(f"{name}:"):
            return int(line.split()[1]) * 1024
    return 0
