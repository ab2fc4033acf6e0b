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
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from conftest import add_account, add_token
from linkhold import clock, logs
from linkhold.accounts.models import Account
from linkhold.app import create_app
from linkhold.runtime import Runtime
from patience import until

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
    until(stream.getvalue)
    assert stream.getvalue().endswith(" first\n")


def test_a_warning_is_written_at_once_and_after_what_was_before_it(
    written: Callable[[str], io.StringIO],
) -> None:
    stream = written("text")
    logging.getLogger("x").info("first")
    logging.getLogger("x").warning("second")
    assert [line.rpartition(" ")[2] for line in stream.getvalue().splitlines()] == ["first", "second"]


def test_a_line_for_people_is_one_line_and_does_nothing_to_the_terminal(
    written: Callable[[str], io.StringIO],
) -> None:
    """The path of a request is whatever anyone sends."""
    stream = written("text")
    sent = "/links\n10:00:00 GET /forged\r\x1b[2J\x9b2J\u2028\u202egnp\udcff\x7f ä 灯"
    logging.getLogger("x").info("GET %s 404", sent, extra={"fields": {"ms": 1}})
    flush()
    [line] = stream.getvalue().splitlines()
    assert line.isprintable()
    assert r"/links\n10:00:00 GET /forged\r\x1b[2J" in line
    assert line.endswith("ä 灯 404 ms=1")


def test_the_lines_of_an_error_are_told_from_lines_of_the_log(written: Callable[[str], io.StringIO]) -> None:
    stream = written("text")
    logging.getLogger("x").error("failed", exc_info=ValueError("said\n10:00:00 GET /forged\x1b[2J"))
    first, *rest = stream.getvalue().splitlines()
    assert first.endswith("error: failed")
    assert rest
    assert all(line.startswith("    ") and line.isprintable() for line in rest)


WORDS = "what a person wrote"


@pytest.mark.parametrize("style", ["json", "text"])
@pytest.mark.parametrize("path", ["/links", "/api/v1/links", "/save"])
def test_a_statement_that_fails_logs_nothing_that_a_person_wrote(
    own_runtime: Runtime, written: Callable[[str], io.StringIO], style: str, path: str
) -> None:
    account = add_account(own_runtime)
    headers = {"Authorization": f"Bearer {add_token(own_runtime, account)}"}
    with own_runtime.transaction() as session:
        session.execute(text("ALTER TABLE links ADD CONSTRAINT nothing CHECK (id < 0)"))
    stream = written(style)
    body = {"url": f"https://a.example/{WORDS}"} | (
        {} if path == "/links" else {"title": f"{WORDS}\n{WORDS}"}
    )
    assert create_app(own_runtime).test_client().post(path, json=body, headers=headers).status_code == 500
    assert "violates check constraint" in stream.getvalue()
    assert "what" not in stream.getvalue()
    assert account.name not in stream.getvalue()


@pytest.mark.parametrize("style", ["json", "text"])
def test_a_statement_of_the_orm_that_fails_logs_nothing_that_a_person_wrote(
    own_runtime: Runtime, written: Callable[[str], io.StringIO], style: str
) -> None:
    account = add_account(own_runtime)
    stream = written(style)
    for name in (account.name, "x" * 30):
        twice = Account(
            name=WORDS, name_key=name, password_hash=WORDS, is_admin=False, created_at=clock.now()
        )
        try:
            with own_runtime.transaction() as session:
                session.add(twice)
                session.flush()
                session.execute(text("SELECT CAST(:words AS jsonb)"), {"words": WORDS})
        except DBAPIError:
            logging.getLogger("x").exception("It failed")
    told = stream.getvalue()
    assert "duplicate key value violates unique constraint" in told
    assert "invalid input syntax for type json" in told
    for secret in (WORDS, "what", account.name, "xxx"):
        assert secret not in told


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
    until(lambda: stream.getvalue() == "kept\n", told=stream.getvalue)


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
    # From 3.12 on, Python warns of a fork beside threads, of which one belongs to the logs.
    command = [sys.executable, "-W", "ignore::DeprecationWarning", "-c", script]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
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
