"""The command: what it prints where, and how it fails."""

from __future__ import annotations

import io
import os
import re
import subprocess
import sys
from collections.abc import Callable
from contextvars import Context
from pathlib import Path

import psycopg
import pytest
from click.testing import CliRunner
from sqlalchemy import text

from conftest import add_link
from linkhold import cli, config
from linkhold.accounts import accounts
from linkhold.cli import listening
from linkhold.links.models import Change, Link
from linkhold.runtime import Runtime
from pooling import POOLED

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(
    make_database: Callable[[], str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Run:
    """Return a function that runs the command on a database and returns status, output and errors."""
    monkeypatch.setenv("LINKHOLD_DATABASE_URL", make_database())
    if POOLED:
        monkeypatch.setenv("LINKHOLD_DATABASE_POOLER", "transaction")
    # The suite's server does not write to disk, for speed; a command would refuse it.
    monkeypatch.setattr("linkhold.db.engine.check", lambda _: None)

    def call(*arguments: str, text: str = "") -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["linkhold", *arguments])
        monkeypatch.setattr(sys, "stdin", io.StringIO(text))
        try:
            # A command is a process of its own, which nothing was said to before.
            Context().run(cli.main)
            status = 0
        except SystemExit as end:
            status = int(end.code or 0)
        told = capsys.readouterr()
        return status, told.out, told.err

    return call


def test_a_token_alone_is_on_standard_output(run: Run) -> None:
    assert run("account", "add", "Ada", "--password-stdin", text="correct horse\n")[:2] == (0, "")
    status, out, _ = run("token", "add", "--account", "ada", "--name", "x", "--scope", "read")
    assert status == 0
    assert out.startswith("lh_1_")
    assert out.count("\n") == 1


def test_accounts_are_listed_given_passwords_and_removed(run: Run) -> None:
    for name in ("Ada", "bob"):
        run("account", "add", name, "--password-stdin", text="correct horse\n")
    _, out, _ = run("account", "list")
    assert [line.split("\t")[:2] for line in out.splitlines()] == [
        ["Ada", "administrator"],
        ["bob", "person"],
    ]
    assert run("account", "password", "bob", "--password-stdin", text="another horse")[0] == 0
    assert run("account", "remove", "bob")[0] == 2
    assert run("account", "remove", "bob", "--yes-destroy-the-library")[0] == 0
    assert "bob" not in run("account", "list")[1]


def test_the_address_for_the_first_account_is_printed_until_there_is_one(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LINKHOLD_PUBLIC_URL", "https://links.example")
    status, out, _ = run("account", "setup")
    assert status == 0
    assert re.fullmatch(r"https://links\.example/setup\?code=\S+\n", out)
    assert run("account", "setup")[1] != out
    run("account", "add", "ada", "--password-stdin", text="correct horse\n")
    status, out, err = run("account", "setup")
    assert (status, out) == (0, "")
    assert "There is an account already" in err


def test_what_is_done_at_the_command_line_is_told_to_the_administrators(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LINKHOLD_DATA_DIR", str(tmp_path))
    for name in ("ada", "bob", "eve"):
        run("account", "add", name, "--password-stdin", text="correct horse\n")
    assert run("key", "rotate", "metrics")[0] == 0
    run("account", "remove", "bob", "--yes-destroy-the-library")
    told = [line.split("\t")[1:] for line in run("account", "audit", "ada")[1].splitlines()]
    assert told[:2] == [
        ["account removed", "bob", "command line"],
        ["key renewed", "metrics", "command line"],
    ]
    assert "removed" not in run("account", "audit", "eve")[1]


def test_removing_an_account_destroys_its_library_and_no_others(run: Run) -> None:
    for name in ("ada", "bob"):
        run("account", "add", name, "--password-stdin", text="correct horse\n")
    runtime = Runtime.open(config.load(), say=print)
    with runtime.reading() as session:
        everyone = accounts.every(session)
    for account in everyone:
        add_link(runtime, account)
    run("account", "remove", "bob", "--yes-destroy-the-library")
    with runtime.reading() as session:
        assert [link.owner_id for link in session.query(Link)] == [everyone[0].id]
        assert [change.owner_id for change in session.query(Change)] == [everyone[0].id]
    runtime.close()


def test_tokens_are_listed_and_revoked(run: Run) -> None:
    run("account", "add", "ada", "--password-stdin", text="correct horse\n")
    run("token", "add", "--account", "ada", "--name", "x", "--scope", "read", "--expires-in-days", "2")
    _, out, _ = run("token", "list", "--account", "ada")
    number, label, scopes, used, ends = out.strip().split("\t")
    assert (label, scopes, used) == ("x", "read", "never used")
    assert ends.startswith("expires 2")
    assert run("token", "revoke", "--account", "ada", number)[0] == 0
    assert run("token", "list", "--account", "ada")[1] == ""


@pytest.mark.parametrize(
    ("arguments", "text", "sentence"),
    [
        (("account", "add", "a b", "--password-stdin"), "correct horse", "linkhold: A name has 1 to 64"),
        (("account", "add", "ada", "--password-stdin"), "short", "linkhold: A password has 8 to 1024"),
        (("account", "password", "eve", "--password-stdin"), "correct horse", "no account 'eve'"),
        (("token", "list", "--account", "eve"), "", "no account 'eve'"),
        (("token", "add", "--account", "eve", "--name", "x", "--scope", "read"), "", "no account 'eve'"),
        (("db", "stop"), "", "LINKHOLD_DATABASE_URL names a PostgreSQL of your own"),
    ],
)
def test_what_cannot_be_done_ends_in_a_sentence(
    run: Run, arguments: tuple[str, ...], text: str, sentence: str
) -> None:
    status, out, err = run(*arguments, text=text)
    assert (status, out) == (1, "")
    assert sentence in err
    assert "Traceback" not in err


@pytest.mark.parametrize("number", ["99999999999999999999999", "9223372036854775808", "0", "-1", "x"])
def test_a_number_that_is_none_is_refused_in_a_sentence(run: Run, number: str) -> None:
    status, _, err = run("token", "revoke", "--account", "ada", "--", number)
    assert status == 2
    assert "Traceback" not in err
    assert "SELECT" not in err


def test_what_the_database_refuses_is_one_sentence_without_sql(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The last net: nobody thought of it, and a person is told all the same."""
    monkeypatch.setattr(accounts, "every", lambda session: session.execute(text("SELECT 'words'::int")).all())
    status, out, err = run("account", "list")
    assert (status, out) == (1, "")
    assert err.startswith("linkhold: The database refused: invalid input syntax for type integer")
    assert err.count("\n") == 1


def test_a_driver_that_fails_by_itself_is_one_sentence_too(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_: object) -> None:
        raise psycopg.ProgrammingError("the\nfirst line", "LINE 1")

    monkeypatch.setattr(accounts, "every", fail)
    assert run("account", "list") == (1, "", "linkhold: The database refused: the\n")


def test_a_password_is_not_asked_for_where_nobody_can_answer(run: Run) -> None:
    status, _, err = run("account", "add", "ada")
    assert status == 2
    assert "--password-stdin" in err


def test_a_wrong_setting_stops_every_command(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LINKHOLD_PROT", "1")
    for arguments in (("serve",), ("settings",), ("db", "status"), ("account", "list")):
        status, _, err = run(*arguments)
        assert (status, err) == (
            2,
            "linkhold: LINKHOLD_PROT is not a setting of Linkhold. Did you mean LINKHOLD_PORT?\n",
        )


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://ada:hunter2@h:99x/x",
        "postgresql://ada:hunter2@h/x?bogus=1",
        "postgresql://ada:hunter2@h/x?connect_timeout=5&autocommit=1",
        "postgresql://ada:hun/ter2@h:x/x",
    ],
)
@pytest.mark.parametrize("command", [("db", "status"), ("account", "list")])
def test_a_url_of_a_database_that_cannot_be_read_is_a_sentence_without_its_password(
    run: Run, monkeypatch: pytest.MonkeyPatch, command: tuple[str, ...], url: str
) -> None:
    monkeypatch.setenv("LINKHOLD_DATABASE_URL", url)
    status, _, err = run(*command)
    assert status == 2
    assert err.startswith("linkhold: LINKHOLD_DATABASE_URL cannot be read: it must be like postgresql://")
    assert "hun" not in err


def test_a_server_does_not_start_with_a_url_that_cannot_be_read() -> None:
    environment = os.environ | {"LINKHOLD_DATABASE_URL": "postgresql://ada:hunter2@h:99x/x"}
    command = [str(Path(sys.executable).parent / "linkhold"), "serve"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("linkhold: LINKHOLD_DATABASE_URL cannot be read")
    assert done.stderr.count("\n") == 1


def test_every_setting_is_listed_and_no_secret_shown(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LINKHOLD_DATABASE_URL", "postgresql://ada:hunter2@h/d")
    _, out, _ = run("settings")
    assert "hunter2" not in out
    for field in config.Settings.model_fields:
        assert f"{config.variable(field)}=" in out


def test_the_database_is_told_about_and_migrated(run: Run) -> None:
    assert "up to date" in run("db", "status")[1]
    assert "nothing to do" in run("db", "migrate")[2]


def test_a_server_that_does_not_answer_is_not_ready(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LINKHOLD_PORT", "9")
    assert run("ready") == (1, "", "Linkhold is not ready: it does not answer\n")


@pytest.mark.parametrize(
    "name", ["", "serve", "account", "token", "db", "settings", "account add", "db psql"]
)
def test_help_reads_well(name: str) -> None:
    result = CliRunner().invoke(cli.command, [*name.split(), "--help"])
    assert result.exit_code == 0
    assert result.output.startswith("Usage: ")
    assert max(map(len, result.output.splitlines())) <= 100


@pytest.mark.parametrize(
    ("host", "reached", "elsewhere"),
    [("127.0.0.1", "127.0.0.1", None), ("::1", "::1", None), ("192.0.2.7", "192.0.2.7", "192.0.2.7")],
)
def test_a_listener_is_told_by_an_address_that_reaches_it(
    host: str, reached: str, elsewhere: str | None
) -> None:
    assert listening.reachable(host) == reached
    assert listening.from_elsewhere(host) == elsewhere


def test_a_listener_on_every_address_is_reached_by_this_machine() -> None:
    assert (listening.reachable("0.0.0.0"), listening.reachable("::")) == ("127.0.0.1", "::1")  # noqa: S104
    assert listening.url("::1", 80) == "http://[::1]:80"
