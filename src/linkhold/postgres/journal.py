"""What the server has written to its log since a moment; a week of logs is kept."""

from __future__ import annotations

import contextlib
import re
from pathlib import Path

from linkhold import clock

FILE_NAME = "postgresql-%a.log"
"""One file for each day of the week, which PostgreSQL overwrites a week later."""

_TAIL = 64 * 1024
_DAYS_KEPT = 6
_PROGRESS = re.compile(r"LOG:\s+((?:syncing data directory|redo in progress|resetting unlogged)[^\n]*)")
_RECOVERY = re.compile(r"was interrupted|not properly shut down|redo starts|redo in progress")


class Journal:
    """Reads what is added to the log files of a directory after this was made."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self._starts = self._sizes()

    def size(self) -> int:
        """Return the size of all logs together: it grows when the server says something."""
        return sum(self._sizes().values())

    def text(self) -> str:
        """Return what is new, the end of it if it is long."""
        parts = []
        for path, size in self._sizes().items():
            start = max(self._starts.get(path, 0), size - _TAIL)
            with contextlib.suppress(OSError), path.open("rb") as file:
                file.seek(start)
                parts.append(file.read(_TAIL).decode(errors="replace"))
        return "".join(parts)

    def progress(self) -> str | None:
        """Return PostgreSQL's last word on how far a long start is, or None."""
        found = _PROGRESS.findall(self.text())
        return str(found[-1]) if found else None

    def recovering(self) -> bool:
        """Tell whether the server found that it had crashed before."""
        return _RECOVERY.search(self.text()) is not None

    def prune(self) -> None:
        """Remove logs of last week: PostgreSQL overwrites them only if it runs at midnight."""
        limit = clock.now().timestamp() - _DAYS_KEPT * 86400
        for path in self._sizes():
            with contextlib.suppress(OSError):
                if path.stat().st_mtime < limit:
                    path.unlink()

    def _sizes(self) -> dict[Path, int]:
        sizes = {}
        for path in sorted(self.directory.glob("*.log")):
            with contextlib.suppress(OSError):
                sizes[path] = path.stat().st_size
        return sizes
