"""What links are found by, computed anew: all of them, and a few at a time."""

from __future__ import annotations

from contextlib import nullcontext
from typing import Any

import pytest
from click.testing import CliRunner
from sqlalchemy import text

from conftest import add_account, add_link
from linkhold.cli import search as command
from linkhold.links import language, reindexing, search
from linkhold.links.estimating import Statistics
from linkhold.runtime import Runtime


def test_links_are_saved_while_what_they_are_found_by_is_computed_anew(
    own_runtime: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A link whose words are there is free again, though others still wait for theirs."""
    accounts = [add_account(own_runtime) for _ in range(2)]
    links = [add_link(own_runtime, accounts[number // 2], title="word") for number in range(4)]
    with own_runtime.transaction() as session:
        session.execute(text("UPDATE links SET search = ''"))
    portion = reindexing.portion

    def meanwhile(*asked: Any, after: reindexing.Place) -> Any:
        if after != reindexing.BEGINNING:
            add_link(own_runtime, accounts[0], links[0].url, tags=["saved"])
        return portion(*asked, after=after)

    monkeypatch.setattr(reindexing, "portion", meanwhile)
    monkeypatch.setattr(reindexing, "BATCH", 1)
    monkeypatch.setattr(command, "opened", lambda: nullcontext(own_runtime))
    assert CliRunner().invoke(command.search, ["rebuild"]).output == "4 links\n"
    with own_runtime.reading() as session:
        for account in accounts:
            asked = language.parse("word")
            found = search.find(session, account.id, asked, limit=9, statistics=Statistics())
            assert len(found.links) == 2
