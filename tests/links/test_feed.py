"""The feed: each change once, in an order that misses none, however many commit at once.

What it tells is waited for, since other tests have transactions open on the same server.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import Connection, Engine, text
from sqlalchemy.orm import Session

from conftest import ORIGIN, add_account, add_link
from linkhold import config
from linkhold.accounts.models import Account
from linkhold.db.engine import transactional
from linkhold.errors import BadInput, CursorExpired
from linkhold.links import feed, saving, trash
from linkhold.links.feed import Cursor
from linkhold.links.models import Link
from linkhold.runtime import Runtime
from patience import until

WRITERS, EACH = 8, 25


def read_all(runtime: Runtime, owner: int, since: Cursor | None, limit: int = 7) -> tuple[list[int], Cursor]:
    told: list[int] = []
    while True:
        with runtime.reading() as session:
            stretch = feed.read(session, owner, since=since, limit=limit)
        told += [change.id for change in stretch.changes]
        since = stretch.next
        if not stretch.more:
            return told, since


def every_change(runtime: Runtime, owner: int) -> list[int]:
    with runtime.reading() as session:
        query = text("SELECT id FROM changes WHERE owner_id = :owner ORDER BY id")
        return list(session.scalars(query, {"owner": owner}))


def write_while(runtime: Runtime, owner: int, reading: Callable[[], None]) -> None:
    """Save from many threads, in transactions that stay open for uneven times, and read meanwhile."""

    def write(writer: int) -> None:
        for number in range(EACH):
            with runtime.transaction() as session:
                draft = runtime.drafting.draft(f"https://a.example/{writer}/{number}")
                saving.save(session, owner, draft, origin=ORIGIN)
                time.sleep(0.001 * ((writer * 7 + number * 3) % 5))

    threads = [threading.Thread(target=write, args=(writer,)) for writer in range(WRITERS)]
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads):
        reading()
    for thread in threads:
        thread.join()


def test_no_change_is_missed_while_many_commit(own_runtime: Runtime) -> None:
    owner = add_account(own_runtime).id
    told: list[int] = []
    cursor: Cursor | None = None

    def follow() -> None:
        nonlocal cursor
        more, cursor = read_all(own_runtime, owner, cursor)
        told.extend(more)

    write_while(own_runtime, owner, follow)

    def has_followed() -> bool:
        follow()
        return len(told) >= WRITERS * EACH

    until(has_followed)
    assert len(told) == len(set(told)) == WRITERS * EACH
    assert sorted(told) == every_change(own_runtime, owner)


def test_a_plain_sequence_would_miss_some(own_runtime: Runtime) -> None:
    """The proof that the test above can fail: following the ids alone loses changes."""
    account = add_account(own_runtime)
    told: list[int] = []

    def follow() -> None:
        with own_runtime.reading() as session:
            query = text("SELECT id FROM changes WHERE owner_id = :owner AND id > :last ORDER BY id")
            told.extend(session.scalars(query, {"owner": account.id, "last": told[-1] if told else 0}))

    with own_runtime.sessions.begin() as older:
        saving.save(older, account.id, own_runtime.drafting.draft("https://old.example/"), origin=ORIGIN)
        add_link(own_runtime, account, "https://new.example/")
        follow()
    follow()
    missed, seen = every_change(own_runtime, account.id)
    assert told == [seen]
    assert missed < seen


def test_a_change_is_not_told_while_an_older_transaction_is_open(own_runtime: Runtime) -> None:
    account = add_account(own_runtime)
    with own_runtime.sessions.begin() as older:
        saving.save(older, account.id, own_runtime.drafting.draft("https://old.example/"), origin=ORIGIN)
        add_link(own_runtime, account, "https://new.example/")
        assert read_all(own_runtime, account.id, None)[0] == []
    until(lambda: len(read_all(own_runtime, account.id, None)[0]) == 2)


def test_a_link_that_is_destroyed_leaves_a_tombstone(own_runtime: Runtime) -> None:
    account = add_account(own_runtime)
    link = add_link(own_runtime, account, notes="secret")
    until(lambda: read_all(own_runtime, account.id, None)[0] != [])
    _, cursor = read_all(own_runtime, account.id, None)
    with own_runtime.transaction() as session:
        trash.trash(session, account.id, link.id, origin=ORIGIN)
        trash.empty(session, account.id)
    until(lambda: len(read_all(own_runtime, account.id, cursor)[0]) == 2)
    with own_runtime.reading() as session:
        stretch = feed.read(session, account.id, since=cursor, limit=10)
        assert [(change.link_id, change.deleted) for change in stretch.changes] == [
            (link.id, False),
            (link.id, True),
        ]
        everything = feed.read(session, account.id, since=None, limit=10)
    assert "secret" not in str(everything)


def test_the_end_is_where_the_new_begins(own_runtime: Runtime) -> None:
    account = add_account(own_runtime)
    with own_runtime.reading() as session:
        empty = feed.end(session, account.id)
    first = add_link(own_runtime, account)
    until(lambda: read_all(own_runtime, account.id, empty)[0] != [])
    with own_runtime.reading() as session:
        end = feed.end(session, account.id)
        assert [each.link_id for each in feed.read(session, account.id, since=empty, limit=9).changes] == [
            first.id
        ]
        assert feed.read(session, account.id, since=end, limit=9).changes == []


@pytest.mark.parametrize("written", ["", "x", "W10", "e30", "WzEsMiwzXQ", "a" * 5000, "é", "WyJhIiwtMSwwXQ"])
def test_a_cursor_that_is_none_is_refused(written: str) -> None:
    with pytest.raises(BadInput):
        Cursor.parse(written)


def test_a_database_that_came_to_another_cluster_begins_a_new_epoch(own_runtime: Runtime) -> None:
    account = add_account(own_runtime)
    add_link(own_runtime, account)
    until(lambda: read_all(own_runtime, account.id, None)[0] != [])
    _, cursor = read_all(own_runtime, account.id, None)
    engine: Engine = own_runtime.engine
    with transactional(engine).begin() as connection:
        # As if restored: numbers of transactions from far ahead, and another cluster's identifier.
        connection.execute(text("UPDATE changes SET made_in = 1000000000000"))
        connection.execute(text("UPDATE feed SET system = 1"))
        feed.renew(connection)
    with own_runtime.reading() as session, pytest.raises(CursorExpired):
        feed.read(session, account.id, since=cursor, limit=10)
    add_link(own_runtime, account)
    until(lambda: len(read_all(own_runtime, account.id, None)[0]) == 2)


@pytest.mark.embedded
def test_a_dump_that_is_put_back_begins_a_new_epoch(tmp_path: Path) -> None:
    """In the same cluster: what a client was told after the dump is gone, and its ids are given anew."""
    with closing(Runtime.open(config.load({"LINKHOLD_DATA_DIR": f"{tmp_path}"}), say=print)) as runtime:
        runtime.prepare()
        account, lease = add_account(runtime), runtime.lease
        assert lease is not None
        dumped = lease.dump("by-hand")
        ghost = add_link(runtime, account)
        _, cursor = read_all(runtime, account.id, None)
        runtime.engine.dispose()
        lease.restore(dumped)
        runtime.prepare()
        assert add_link(runtime, account).id == ghost.id
        with runtime.reading() as session, pytest.raises(CursorExpired):
            feed.read(session, account.id, since=cursor, limit=10)


def test_a_cursor_from_ahead_of_the_database_is_refused(session: Session, account: Account) -> None:
    """A copy of the data directory that was put back has the same numbers, and has not come so far."""
    ahead = Cursor(feed.end(session, account.id).epoch, 2**62, 1)
    with pytest.raises(CursorExpired):
        feed.read(session, account.id, since=ahead, limit=10)


def test_a_new_epoch_begins_however_many_changes_there_are(own_runtime: Runtime) -> None:
    account = add_account(own_runtime)
    add_link(own_runtime, account)
    with transactional(own_runtime.engine).begin() as connection:
        connection.execute(
            text(
                "CREATE FUNCTION allowed() RETURNS trigger LANGUAGE plpgsql"
                " AS $$BEGIN ASSERT current_setting('statement_timeout') = '0'; RETURN new; END$$"
            )
        )
        connection.execute(
            text("CREATE TRIGGER allowed BEFORE UPDATE ON changes FOR EACH ROW EXECUTE FUNCTION allowed()")
        )
        connection.execute(text("UPDATE feed SET system = 1"))
    with transactional(own_runtime.engine).begin() as connection:
        connection.execute(text("SET LOCAL statement_timeout = '60s'"))
        feed.renew(connection)
        assert connection.scalar(text("SELECT max(made_in) FROM changes")) == 0


def test_of_two_that_start_at_once_one_begins_the_new_epoch(
    own_runtime: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine: Engine = own_runtime.engine
    with engine.begin() as connection:
        connection.execute(text("UPDATE feed SET system = 1"))
    both, known, looked = threading.Barrier(2, timeout=30), feed._known, set[int]()

    def look(connection: Connection) -> int | None:
        found = known(connection)
        if threading.get_ident() not in looked:
            looked.add(threading.get_ident())
            both.wait()  # neither goes on before both have found that there is something to do
        return found

    def start(_: int) -> str:
        with transactional(engine).begin() as connection:
            feed.renew(connection)
            return str(connection.scalar(text("SELECT epoch FROM feed")))

    monkeypatch.setattr(feed, "_known", look)
    # The one that comes second looks once more when it has the lock, and finds it done.
    with ThreadPoolExecutor(2) as pool:
        one, other = pool.map(start, range(2))
    assert one == other


def test_the_epoch_stays_while_the_database_does(session: Session, account: Account) -> None:
    feed.renew(session.connection())
    before = feed.end(session, account.id).epoch
    feed.renew(session.connection())
    assert feed.end(session, account.id).epoch == before


def test_links_are_told_to_their_owner_alone(
    session: Session, make_account: Callable[..., Account], make_link: Callable[..., Link]
) -> None:
    make_link(make_account())
    assert feed.read(session, make_account().id, since=None, limit=10).changes == []
