"""Logs: readable on a terminal, one JSON object a line otherwise, each with its request's id.

What is logged is chosen where it is logged: paths without queries, never a header or a body. As a
second net, anything that looks like one of our secrets, or like a password in a URL, is masked.
"""

from __future__ import annotations

import logging
import re
import sys
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any, TextIO

import orjson

request_id: ContextVar[str] = ContextVar("request_id", default="")
"""The id of the request that this thread is answering; empty outside of one."""

SECRET = re.compile(
    r"""(lh[spf]?_\d+_)[0-9a-f]{8,}|(://[^\s:/@"]*:)[^\s@/"]+(?=@)|((?:Bearer|Basic|Token)\s+)[^\s"'\\,]+"""
)
SIGNS = ("lh_", "lhs_", "lhp_", "lhf_", "://", "Bearer", "Basic", "Token")
MASK = r"\1\2\3…"

COLOURS = {"WARNING": "\033[33m", "ERROR": "\033[31m", "CRITICAL": "\033[31m"}


def configure(*, level: str, style: str, stream: TextIO | None = None) -> None:
    """Send all logs to `stream` (standard error); `style` is text, json, or auto."""
    target = stream or sys.stderr
    handler = logging.StreamHandler(target)
    text = style == "text" or (style == "auto" and target.isatty())
    handler.setFormatter(TextFormatter(colour=target.isatty()) if text else JsonFormatter())
    # What no line of ours tells is not found out for each: the documented way to make logging cheaper.
    logging.logThreads = logging.logMultiprocessing = logging.logProcesses = False
    logging._srcfile = None  # noqa: SLF001
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    # These say at "info" what only their authors need.
    for noisy in ("alembic", "_granian", "granian.access"):
        logging.getLogger(noisy).setLevel(logging.WARNING)


def masked(text: str) -> str:
    """Return a text with whatever looks like a secret cut short."""
    # Looking for these is a twentieth of the pattern's cost, and most lines have none of them.
    if any(sign in text for sign in SIGNS):
        return SECRET.sub(MASK, text)
    return text


class JsonFormatter(logging.Formatter):
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


class TextFormatter(logging.Formatter):
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
        line = f"{moment} {level}{record.getMessage()}{fields}{identifier}"
        if self.colour and record.levelname in COLOURS:
            line = f"{COLOURS[record.levelname]}{line}\033[0m"
        if record.exc_info:
            line = f"{line}\n{self.formatException(record.exc_info)}"
        return masked(line)
