"""The commands that use a server: what they print on a terminal and in a pipe, and how they fail."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import text

import needs
from cli.conftest import Run
from linkhold import cli
from linkhold.cli import client, shown
from linkhold.runtime import Runtime


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


def test_what_is_refused_is_named_and_the_rest_is_added(run: Run) -> None:
    lines = "https://a.example/\njavascript:alert(1)\nno address\nhttps://b.example/\n"
    status, out, err = run("add", "-", "ftp://c.example/", text=lines)
    assert status == 1
    assert [json.loads(line)["url"] for line in out.splitlines()] == [
        "https://a.example/",
        "https://b.example/",
    ]
    told = err.splitlines()
    assert [line.partition(": ")[0] for line in told] == [
        "javascript:alert(1)",
        "no address",
        "ftp://c.example/",
        "linkhold",
    ]
    assert all(line.partition(": ")[2] for line in told)
    assert told[-1] == "linkhold: 3 links were refused."


def test_a_refusal_that_is_not_about_the_link_ends_it(run: Run, own_runtime: Runtime) -> None:
    with own_runtime.transaction() as session:
        session.execute(text("UPDATE tokens SET scopes = '{read}'"))
    status, out, err = run("add", "https://a.example/", "https://b.example/")
    assert (status, out, err.count("\n")) == (1, "", 1)


def test_what_was_passed_over_is_told_in_a_pipe_too(run: Run) -> None:
    run("add", "https://a.example/")
    status, out, err = run("find", "added:never")
    assert (status, out.count("\n")) == (0, 1)
    assert "“added:never” is no date" in err


def test_a_table_stays_within_the_terminal_however_many_tags_a_link_has(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    tags = [part for number in range(9) for part in ("--tag", f"a-long-tag-{number}")]
    run("add", "https://a.example/", "--title", "A title that can be read", *tags)
    run("add", "https://b.example/", "--title", "Another", "--tag", "x")
    _, out, _ = run("find", terminal=True)
    assert all(shown.width(line) <= 80 for line in out.splitlines())
    assert "A title that can be read" in out
    assert "…" in out


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


def test_a_change_is_undone_only_beside_its_link(run: Run) -> None:
    """Otherwise `undo 1 --change 5` undid batch 1."""
    run("add", "https://a.example/")
    run("trash", "1")
    batch = json.loads(run("history")[1])["id"]
    status, _, err = run("undo", str(batch), "--change", "1")
    assert status == 2
    assert "--link" in err
    assert run("undo", "--since", "2020-01-01", "--change", "1")[0] == 2
    assert json.loads(run("show", "1")[1])["trashed_at"] is not None


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

    def remember(url: str) -> bool:
        opened.append(url)
        return True

    monkeypatch.setattr("webbrowser.open", remember)
    run("add", "https://a.example/")
    assert run("open", "1")[0] == 0
    assert opened == ["https://a.example/"]
    monkeypatch.setattr(client.Client, "call", lambda *_args, **_kwargs: {"url": "file:///etc/passwd"})
    assert run("open", "1")[0] == 1
    assert opened == ["https://a.example/"]


def test_where_no_browser_starts_the_address_is_told(run: Run, tmp_path: Path) -> None:
    run("add", "https://a.example/")
    # In a process of its own: which browsers there are is looked up once.
    done = subprocess.run(
        [Path(sys.executable).with_name("linkhold"), "open", "1"],
        env={
            "BROWSER": "/nonexistent",
            "PATH": str(tmp_path),
            "XDG_CONFIG_HOME": str(tmp_path),
            "HOME": "/nonexistent",
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == "linkhold: No browser could be started. The address is https://a.example/\n"


def test_the_servers_words_are_told(run: Run) -> None:
    status, _, err = run("add", "javascript:alert(1)")
    assert status == 1
    assert "only http and https" in err.lower()
    assert run("show", "999")[2] == "linkhold: There is no link by this id in your library.\n"


COMPLETED = """
eval "$(linkhold completion bash)"
COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
_linkhold_completion "$1"
printf '%s\\n' "${COMPREPLY[@]}"
"""


def typed(*words: str) -> list[str]:
    """Return what the Tab key offers after these words, asked as bash asks."""
    done = subprocess.run(
        [needs.program("bash"), "-c", COMPLETED, "bash", *words],
        env=os.environ | {"PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert not done.stderr
    return done.stdout.split()


def test_the_tab_key_completes_commands_and_options() -> None:
    assert typed("linkhold", "un") == ["undo"]
    assert typed("linkhold", "tag", "re") == ["remove", "rename"]
    assert typed("linkhold", "undo", "--si") == ["--since"]
    assert typed("linkhold", "completion", "z") == ["zsh"]
    assert typed("linkhold", "nonsense") == []


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
