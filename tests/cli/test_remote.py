"""The commands that use a server: what they print on a terminal and in a pipe, and how they fail."""

from __future__ import annotations

import io
import json
import logging
import stat
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from werkzeug.serving import make_server

from conftest import add_account, add_token
from linkhold import cli
from linkhold.app import create_app
from linkhold.cli import client, shown
from linkhold.runtime import Runtime

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def server(own_runtime: Runtime, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Serve on a free port of the loopback; return the address."""
    # The server of these tests shares the process with the command, whose standard error is looked at.
    monkeypatch.setattr(logging.getLogger(), "handlers", [logging.NullHandler()])
    served = make_server("127.0.0.1", 0, create_app(own_runtime), threaded=True)
    thread = threading.Thread(target=served.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{served.server_port}"
    served.shutdown()
    thread.join()
    served.server_close()


@pytest.fixture
def token(own_runtime: Runtime) -> str:
    return add_token(own_runtime, add_account(own_runtime, "ada"))


@pytest.fixture
def call(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> Iterator[Run]:
    """Run the command and return status, output and errors."""
    monkeypatch.setattr(client, "place", lambda: tmp_path / "linkhold" / "server.json")

    def call(*arguments: str, text: str = "", terminal: bool = False) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["linkhold", *arguments])
        monkeypatch.setattr(sys, "stdin", io.StringIO(text))
        monkeypatch.setattr(shown, "on_terminal", lambda: terminal)
        try:
            cli.main()
            status = 0
        except SystemExit as end:
            status = int(end.code or 0)
        told = capsys.readouterr()
        return status, told.out, told.err

    yield call
    client.POOL.clear()


@pytest.fixture
def run(call: Run, server: str, token: str) -> Run:
    """The same, logged in."""
    assert call("login", server, "--token-stdin", text=token)[0] == 0
    return call


def test_the_token_is_kept_where_only_its_owner_can_read_it(call: Run, server: str, token: str) -> None:
    status, out, err = call("login", f"{server}/", "--token-stdin", text=f"{token}\n")
    assert (status, out) == (0, "")
    assert "as ada" in err
    assert token not in err
    assert stat.S_IMODE(client.place().stat().st_mode) == 0o600
    client.place().chmod(0o644)
    status, _, err = call("find")
    assert status == 1
    assert "chmod 600" in err


def test_without_a_login_it_says_how(call: Run) -> None:
    assert call("find", "x") == (
        1,
        "",
        "linkhold: This command is not connected to a server: linkhold login URL.\n",
    )


def test_a_wrong_token_and_a_wrong_address_are_not_kept(call: Run, server: str) -> None:
    status, _, err = call("login", server, "--token-stdin", text="lh_1_" + "0" * 40)
    assert status == 1
    assert "token" in err
    status, _, err = call("login", "http://127.0.0.1:9", "--token-stdin", text="x")
    assert status == 1
    assert "cannot be reached" in err
    assert not client.place().exists()


def test_logging_out_forgets(run: Run) -> None:
    assert run("logout")[0] == 0
    assert run("find")[0] == 1


def test_links_are_added_and_found_in_a_pipe(run: Run) -> None:
    status, out, _ = run("add", "https://a.example/", "--title", "A", "--tag", "x", "--tag", "y", "--unread")
    assert status == 0
    link = json.loads(out)
    assert (link["title"], link["tags"], link["unread"]) == ("A", ["x", "y"], True)
    run("add", "-", text="https://b.example/\n\nhttps://c.example/\n")
    _, out, _ = run("find", "site:example")
    assert [json.loads(line)["url"] for line in out.splitlines()] == [
        "https://c.example/",
        "https://b.example/",
        "https://a.example/",
    ]
    assert run("find", "--limit", "1")[1].count("\n") == 1


def test_a_terminal_gets_a_table(run: Run) -> None:
    run("add", "https://a.example/", "--title", "Größe 東京 🎉")
    _, out, err = run("find", "größe", terminal=True)
    assert out.splitlines()[0].split() == ["ID", "Added", "Tags", "Title"]
    assert "Größe 東京 🎉" in out
    assert err == "1 link\n"
    assert run("find", "(x", terminal=True)[2] == "A parenthesis was not closed.\n0 links\n"


def test_what_a_page_wrote_cannot_command_the_terminal(run: Run) -> None:
    run("add", "https://a.example/", "--title", "\x1b]0;owned\x07\u202egpj.exe")
    for command in (("find",), ("show", "1")):
        _, out, _ = run(*command, terminal=True)
        assert "\x1b]" not in out
        assert "\x07" not in out
        assert "\u202e" not in out


def test_a_link_is_shown_edited_trashed_restored_and_undone(run: Run) -> None:
    run("add", "https://a.example/", "--title", "A", "--tag", "x")
    assert run("edit", "1", "--title", "B", "--tag", "y", "--untag", "X", "--read", "--archived")[0] == 0
    link = json.loads(run("show", "1")[1])
    assert (link["title"], link["tags"], link["archived"]) == ("B", ["y"], True)
    batch = json.loads(run("trash", "1")[1])["batch"]
    assert run("find")[1] == ""
    run("restore", "1")
    assert json.loads(run("undo", "--link", "1")[1])["links"] == 1
    assert json.loads(run("undo", str(batch))[1])["links"] == 1
    assert json.loads(run("show", "1")[1])["trashed_at"] is None
    run("undo", "--since", "2020-01-01")
    assert run("find")[1] == ""
    assert run("edit", "1")[0] == 2
    assert run("undo")[0] == 2


def test_the_history_is_told(run: Run) -> None:
    run("add", "https://a.example/", "--title", "A")
    run("edit", "1", "--title", "B")
    run("tag", "add", "x", "1")
    _, out, _ = run("history", "1", terminal=True)
    assert "title from “A” to “B”" in out
    assert "test token" in out
    _, out, _ = run("history", terminal=True)
    assert "added tag x" in out
    assert json.loads(run("history", "1")[1].splitlines()[0])["summary"] == "added tag x"


def test_tags_are_managed(run: Run) -> None:
    run("add", "https://a.example/", "--tag", "js", "--tag", "misc")
    run("tag", "rename", "js", "javascript")
    run("tag", "merge", "javascript", "misc", "web")
    assert [json.loads(line)["name"] for line in run("tag", "list")[1].splitlines()] == ["web"]
    assert "web" in run("tag", "list", terminal=True)[1]
    run("tag", "remove", "web", "1")
    assert run("tag", "list")[1] == ""
    status, _, err = run("tag", "delete", "web")
    assert (status, err) == (1, "linkhold: No link of your library has this tag.\n")


def test_only_web_addresses_are_opened(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[str] = []
    monkeypatch.setattr("click.launch", opened.append)
    run("add", "https://a.example/")
    assert run("open", "1")[0] == 0
    assert opened == ["https://a.example/"]
    monkeypatch.setattr(client.Client, "call", lambda *_args, **_kwargs: {"url": "file:///etc/passwd"})
    assert run("open", "1")[0] == 1
    assert opened == ["https://a.example/"]


def test_the_servers_words_are_told(run: Run) -> None:
    status, _, err = run("add", "javascript:alert(1)")
    assert status == 1
    assert "only http and https" in err.lower()
    assert run("show", "999")[2] == "linkhold: There is no link by this id in your library.\n"


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_tab_key_is_taught(call: Run, shell: str) -> None:
    status, out, _ = call("completion", shell)
    assert status == 0
    assert "_LINKHOLD_COMPLETE" in out


def test_every_command_of_the_table_is_there(call: Run) -> None:
    for name in cli.COMMANDS:
        status, out, _ = call(name, "--help")
        assert status == 0, name
        assert "Usage: linkhold" in out
