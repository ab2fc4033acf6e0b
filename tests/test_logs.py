"""Logs: a line for people or for machines, with the request's id and without secrets."""

from __future__ import annotations

import errno
import io
import json
import logging
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from linkhold import logs

TOKEN = "lh_7_" + "0123456789abcdef" * 2 + "01234567"


@pytest.fixture
def written() -> Iterator[Callable[[str], io.StringIO]]:
    """Return a function that sends the logs to a text, in a style."""
    root = logging.getLogger()
    kept = root.handlers[:], root.level

    def configure(style: str) -> io.StringIO:
        stream = io.StringIO()
        logs.configure(level="info", style=style, stream=stream)
        return stream

    yield configure
    root.handlers[:], root.level = kept


def flush() -> None:
    for handler in logging.getLogger().handlers:
        handler.flush()


def test_a_line_for_machines_is_one_json_object(written: Callable[[str], io.StringIO]) -> None:
    stream = written("json")
    token = logs.request_id.set("abc")
    logging.getLogger("x").info("a\nb %s", "c", extra={"fields": {"ms": 1.5}})
    logs.request_id.reset(token)
    flush()
    [line] = stream.getvalue().splitlines()
    entry: dict[str, Any] = json.loads(line)
    assert entry.pop("time").endswith("+00:00")
    wanted = {"level": "info", "logger": "x", "message": "a\nb c", "request_id": "abc", "ms": 1.5}
    assert entry == wanted


def test_what_is_no_terminal_gets_json(written: Callable[[str], io.StringIO]) -> None:
    stream = written("auto")
    logging.getLogger("x").warning("hello")
    assert json.loads(stream.getvalue())["message"] == "hello"


def test_a_line_for_people_is_short(written: Callable[[str], io.StringIO]) -> None:
    stream = written("text")
    logging.getLogger("x").info("GET / 200", extra={"fields": {"ms": 2}})
    logging.getLogger("x").warning("careful")
    first, second = stream.getvalue().splitlines()
    assert first.endswith(" GET / 200 ms=2")
    assert second.endswith(" warning: careful")


def test_lines_are_written_within_a_moment(written: Callable[[str], io.StringIO]) -> None:
    stream = written("text")
    logging.getLogger("x").info("first")
    for _ in range(500):
        if stream.getvalue():
            break
        time.sleep(0.01)
    assert stream.getvalue().endswith(" first\n")


def test_a_warning_is_written_at_once_and_after_what_was_before_it(
    written: Callable[[str], io.StringIO],
) -> None:
    stream = written("text")
    logging.getLogger("x").info("first")
    logging.getLogger("x").warning("second")
    assert [line.rpartition(" ")[2] for line in stream.getvalue().splitlines()] == ["first", "second"]


class Full(io.StringIO):
    """A file on a disk that is full, until there is room."""

    room = False

    def write(self, text: str) -> int:
        if not self.room:
            raise OSError(errno.ENOSPC, "No space left on device")
        return super().write(text)


def test_a_full_disk_breaks_no_request_and_logs_go_on_when_there_is_room() -> None:
    stream = Full()
    log = logs.Writer(stream)
    log.handle(logging.makeLogRecord({"levelno": logging.INFO, "msg": "dropped by the thread"}))
    time.sleep(5 * logs.GATHER_SECONDS)
    log.handle(logging.makeLogRecord({"levelno": logging.WARNING, "msg": "dropped at once"}))
    stream.room = True
    log.handle(logging.makeLogRecord({"levelno": logging.INFO, "msg": "kept"}))
    until = time.monotonic() + 10
    while stream.getvalue() != "kept\n":
        assert time.monotonic() < until, stream.getvalue()
        time.sleep(0.01)


def test_what_was_kept_is_written_once_by_whoever_forks_and_at_the_end() -> None:
    """A process forks with a line that is not written yet; both end with one of their own."""
    script = (
        "import logging, os\n"
        "from linkhold import logs\n"
        "logs.configure(level='info', style='text')\n"
        "log = logging.getLogger('x')\n"
        "log.info('before')\n"
        "child = os.fork()\n"
        "log.info('parent' if child else 'child')\n"
        "child and os.waitpid(child, 0)\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    words = [line.rpartition(" ")[2] for line in done.stderr.splitlines()]
    assert sorted(words) == ["before", "child", "parent"]
    assert words[0] == "before"


@pytest.mark.parametrize("style", ["json", "text"])
@pytest.mark.parametrize(
    ("message", "secret"),
    [
        (f"used {TOKEN}", TOKEN),
        (TOKEN.replace("lh_", "lhs_"), TOKEN[5:]),
        ("postgresql://ada:hunter2@db.example/x", "hunter2"),
        ("Authorization: Bearer abc.def", "abc.def"),
        ("Authorization: Basic YWRhOmh1bnRlcjI=", "YWRhOmh1bnRlcjI="),
    ],
)
def test_no_secret_is_written(
    written: Callable[[str], io.StringIO], style: str, message: str, secret: str
) -> None:
    stream = written(style)
    logging.getLogger("x").error("%s", message, exc_info=RuntimeError(message))
    assert secret not in stream.getvalue()
    assert "RuntimeError" in stream.getvalue()
    if style == "json":
        assert json.loads(stream.getvalue())["level"] == "error"
