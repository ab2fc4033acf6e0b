"""One spelling for each tag of a library, also after an undo, and of two that come at once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from conftest import ORIGIN, add_account, add_link, add_token
from linkhold.accounts.models import Account
from linkhold.app import create_app
from linkhold.links import saving, tagging
from linkhold.runtime import Runtime
from links.acts import Make, Undo, spelled
from patience import until


def test_an_undone_rename_takes_the_spelling_back_everywhere(
    session: Session, account: Account, saved_link: Make, undo: Undo
) -> None:
    saved_link(account, tags=["rr/Sub"])
    done = tagging.rename(session, account.id, "rr", "RR", origin=ORIGIN)
    saved_link(account, tags=["rr/new"])
    undo(done.batch_id)
    saved_link(account, tags=["RR/newer"])
    wanted = {"rr/Sub", "rr/new", "rr/newer"}
    assert spelled(session, account) == (wanted, wanted)


def waits_for_a_lock(runtime: Runtime) -> bool:
    query = "SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    with runtime.reading() as session:
        return session.execute(text(query)).first() is not None


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "/links", {"url": "https://new.example/"}),
        ("POST", "/links", {"url": "https://known.example/"}),
        ("PATCH", "/links/1", {}),
    ],
    ids=["a new link", "a known link", "an edit"],
)
def test_two_that_write_a_tag_for_the_first_time_spell_it_alike(
    own_runtime: Runtime, method: str, path: str, body: dict[str, Any]
) -> None:
    account = add_account(own_runtime)
    assert add_link(own_runtime, account, "https://known.example/").id == 1
    headers = {"Authorization": f"Bearer {add_token(own_runtime, account)}"}
    sent = body | {"tags": ["python", "python/web"]}
    draft = own_runtime.drafting.draft("https://a.example/", tags=["Python/Web"])
    asking = create_app(own_runtime).test_client()
    with ThreadPoolExecutor(1) as pool:
        with own_runtime.transaction() as first:
            saving.save(first, account.id, draft, origin=ORIGIN)
            other = pool.submit(asking.open, f"/api/v1{path}", method=method, json=sent, headers=headers)
            until(lambda: waits_for_a_lock(own_runtime))
        assert other.result().get_json()["tags"] == ["Python", "Python/Web"]
