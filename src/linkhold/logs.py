"""Logs: readable on a terminal, one JSON object a line otherwise, each with its request's id.

What is logged is chosen where it is logged: paths without queries, never a header or a body. As a
second net, anything that looks like one of our secrets, or like a password in a URL, is masked, and of
PostgreSQL's errors the parts are left out that quote rows.
"""

from __future__ import annotations

import logging
import os
import re
import sys
import threading
from collections.abc import Iterator
from contextlib import nullcontext, suppress
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any, TextIO

import orjson

from linkhold import clock

request_id: ContextVar[str] = ContextVar("request_id", default="")
"""The id of the request that this thread is answering; empty outside of one."""

SECRET = re.compile(
    r"""(lh[spf]?_\d+_)[0-9a-f]{8,}|(://[^\s:/@"]*:)[^\s@/"]+(?=@)|((?:Bearer|Basic|Token)\s+)[^\s"'\\,]+"""
)
SIGNS = ("lh_", "lhs_", "lhp_", "lhf_", "://", "Bearer", "Basic", "Token")
GATHER_SECONDS = 0.02
MOST_LINES = 10_000
"""Lines that wait for a slow stream before requests wait for it too: some megabytes."""
MASK = r"\1\2\3…"

# What would begin a line of its own, speak to the terminal, or write backwards; a lone surrogate cannot be
# written at all.
UNPRINTABLE = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
QUOTING = ("message_detail", "context", "internal_query")
"""Parts of an error of PostgreSQL's in which values of a row may stand."""

COLOURS = {"WARNING": "\033[33m", "ERROR": "\033[31m", "CRITICAL": "\033[31m"}


def configure(*, level: str, style: str, stream: TextIO | None = None) -> None:
    """Send all logs to `stream` (standard error); `style` is text, json, or auto."""
    target = stream or sys.stderr
    handler = Writer(target)
    text = style == "text" or (style == "auto" and target.isatty())
    handler.setFormatter(TextFormatter(colour=target.isatty()) if text else JsonFormatter())
    # What no line of ours tells is not found out for each: the documented way to make logging cheaper. The
    # number of the process is in gunicorn's own lines.
    logging.logThreads = logging.logMultiprocessing = False
    logging._srcfile = None  # noqa: SLF001
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    # These say at "info" what only their authors need.
    for noisy in ("alembic", "_granian", "granian.access", "linkhold.db.pool.Pool"):
        logging.getLogger(noisy).setLevel(logging.WARNING)


class Writer(logging.StreamHandler[TextIO]):
    """Writes lines to a stream, many of a moment at once, by a thread.

    To write is a call to the kernel, which lets go of the interpreter's lock: for each request that was
    a fifth of a save's cost. A warning and what was before it are written at once, and all is at the
    end of the process; only a kill can lose the lines of the last `GATHER_SECONDS`. What the stream does
    not take, on a full disk say, is dropped: a log breaks no request, and no save.
    """

    def __init__(self, stream: TextIO) -> None:
        super().__init__(stream)
        self._lines: list[str] = []
        self._work = threading.Event()
        self._process = 0

    def emit(self, record: logging.LogRecord) -> None:
        """Keep the line of a record, to be written in a moment."""
        try:
            self._lines.append(self.format(record))
        except Exception:  # noqa: BLE001 - as every handler does: a log line breaks no request
            self.handleError(record)
            return
        if record.levelno > logging.INFO or len(self._lines) >= MOST_LINES:
            self.flush()
        elif self._process != os.getpid():
            self._begin()
        elif not self._work.is_set():
            self._work.set()

    def flush(self) -> None:
        """Write what was kept."""
        with self.lock or nullcontext():
            lines, self._lines = self._lines, []
            # A full disk, a pipe whose reader is gone, a stream that is closed.
            with suppress(OSError, ValueError):
                if lines:
                    self.stream.write("".join(f"{line}\n" for line in lines))
                    self.stream.flush()

    def _begin(self) -> None:
        """Start the thread; anew in a process that was forked off, where only this one came along."""
        self._process, self._work = os.getpid(), threading.Event()
        self._work.set()
        threading.Thread(target=self._write, name="logs", daemon=True).start()

    def _write(self) -> None:
        while True:
            self._work.wait()
            clock.sleep(GATHER_SECONDS)
            self._work.clear()
            self.flush()


def _flush_all() -> None:
    """Write what is kept before a fork: otherwise both processes would."""
    for handler in logging.getLogger().handlers:
        handler.flush()


os.register_at_fork(before=_flush_all)


def masked(text: str) -> str:
    """Return a text with whatever looks like a secret cut short."""
    # Looking for these is a twentieth of the pattern's cost, and most lines have none of them.
    if any(sign in text for sign in SIGNS):
        return SECRET.sub(MASK, text)
    return text


def printable(text: str) -> str:
    """Return a text as one line that does nothing to a terminal: anyone chooses the path of a request."""
    return UNPRINTABLE.sub(lambda found: ascii(found[0])[1:-1], text)


class Formatter(logging.Formatter):
    """What the two have in common."""

    def formatException(self, ei: Any) -> str:  # noqa: ANN401, N802 - as logging has it
        """Return an error with its traceback, without the rows that PostgreSQL quotes."""
        told = super().formatException(ei)
        for words in _quoted(ei[1]):
            told = told.replace(words, "…")
        return told


def _quoted(error: BaseException | None) -> Iterator[str]:
    """Yield what PostgreSQL quoted in an error and in those that led to it."""
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        diagnosis = getattr(error, "diag", None)
        yield from filter(None, (getattr(diagnosis, part, None) for part in QUOTING))
        error = error.__cause__ or error.__context__


class JsonFormatter(Formatter):
    """One JSON object a line: time, level, logger, message, request_id, and `extra={"fields": …}`."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        entry: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        if identifier := request_id.get():
            entry["request_id"] = identifier
        entry |= getattr(record, "fields", {})
        if record.exc_info:
            entry["exception"] = self.formatException(record.exc_info)
        return masked(orjson.dumps(entry, default=str).decode())


class TextFormatter(Formatter):
    """One readable line: time, level where it matters, message, request id."""

    def __init__(self, *, colour: bool) -> None:
        super().__init__()
        self.colour = colour

    def format(self, record: logging.LogRecord) -> str:
        """Return the line, and the lines of an exception below it."""
        moment = datetime.fromtimestamp(record.created).astimezone().strftime("%H:%M:%S")
        level = "" if record.levelno <= logging.INFO else f"{record.levelname.lower()}: "
        fields = "".join(f" {name}={value}" for name, value in getattr(record, "fields", {}).items())
        identifier = f" [{request_id.get()}]" if request_id.get() else ""
        line = printable(f"{moment} {level}{record.getMessage()}{fields}{identifier}")
        if self.colour and record.levelname in COLOURS:
            line = f"{COLOURS[record.levelname]}{line}\033[0m"
        if record.exc_info:
            told = self.formatException(record.exc_info)
            line = "\n    ".join((line, *map(printable, told.split("\n"))))
        return masked(line)
