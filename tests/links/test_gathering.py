"""Gathering: what comes to one library at one moment is one statement; nobody waits for another's trouble."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager

import psycopg
import pytest
from sqlalchemy import func, select

from conftest import ORIGIN, TestServer, add_account
from linkhold.accounts.models import Account
from linkhold.db.pool import Direct
from linkhold.errors import DatabaseAway
from linkhold.links import gathering, saving, tag_counts
from linkhold.links.adding import Saved
from linkhold.links.drafting import Drafting
from linkhold.links.models import Change, Link
from linkhold.runtime import Runtime
from patience import until


class Bank:
    """Lends connections; the first borrower is held until others have gathered behind it."""

    def __init__(self, runtime: Runtime) -> None:
        self.runtime = runtime
        self.lent = 0
        self.go_on = threading.Event()
        self.spoil: Callable[[Direct], None] = lambda _: None
        """What is done to the second connection that is lent, which is that of a whole group."""
        self.spoil_after: Callable[[Direct], None] = lambda _: None
        """What is done to it when it has carried out its statement."""

    @contextmanager
    def lend(self) -> Iterator[Direct]:
        self.lent += 1
        number = self.lent
        if number == 1:
            assert self.go_on.wait(30)
        with self.runtime.direct() as connection:
            if number == 2:
                self.spoil(connection)
            yield connection
            if number == 2:
                self.spoil_after(connection)


@pytest.fixture
def bank(own_runtime: Runtime) -> Bank:
    return Bank(own_runtime)


@pytest.fixture
def account(own_runtime: Runtime) -> Account:
    return add_account(own_runtime)


@pytest.fixture
def pool() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(20) as pool:
        yield pool


def add(bank: Bank, owner: int, url: str) -> Saved | None:
    draft = Drafting().draft(url, title="T")
    return bank.runtime.gathering.add(bank.lend, owner, draft, origin=ORIGIN)


def gathered(
    pool: ThreadPoolExecutor, bank: Bank, owner: int, urls: list[str]
) -> tuple[Future[Saved | None], list[Future[Saved | None]]]:
    """Let one save begin, and the others gather while it is at the database; then let it go on."""
    first = pool.submit(add, bank, owner, "https://first.example/")
    until(lambda: bank.lent == 1)
    others = []
    for url in urls:
        others.append(pool.submit(add, bank, owner, url))
        until(lambda: len(bank.runtime.gathering._places[owner]) == len(others))
    bank.go_on.set()
    return first, others


def count(runtime: Runtime, table: type[Link | Change]) -> int:
    with runtime.reading() as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


def test_saves_that_come_while_one_is_at_the_database_are_one_statement(
    pool: ThreadPoolExecutor, bank: Bank, account: Account
) -> None:
    urls = [f"https://{number}.example/" for number in range(12)]
    first, others = gathered(pool, bank, account.id, urls)
    answers = [each.result() for each in (first, *others)]
    assert all(saved is not None and saved.created for saved in answers)
    assert bank.lent == 2
    assert count(bank.runtime, Link) == count(bank.runtime, Change) == 13
    with bank.runtime.reading() as session:
        for saved, url in zip(answers[1:], urls, strict=True):
            assert saved is not None
            assert session.get_one(Link, (account.id, saved.link.id)).url == url
    assert not bank.runtime.gathering._places


def test_of_those_with_one_url_one_is_new(pool: ThreadPoolExecutor, bank: Bank, account: Account) -> None:
    urls = ["https://same.example/", "https://same.example/?utm_source=x", "https://first.example/"]
    first, others = gathered(pool, bank, account.id, urls)
    assert first.result() is not None
    one, same, known = [each.result() for each in others]
    assert (one is not None, same, known) == (True, None, None)
    assert bank.lent == 2
    assert count(bank.runtime, Link) == count(bank.runtime, Change) == 2


def test_their_tags_are_counted_each(
    pool: ThreadPoolExecutor, own_runtime: Runtime, account: Account
) -> None:
    threads = threading.Barrier(8)

    def tagged(number: int) -> None:
        draft = Drafting().draft(f"https://{number}.example/", tags=["Db/sql", "all"] if number % 2 else [])
        threads.wait(30)
        assert own_runtime.gathering.add(own_runtime.direct, account.id, draft, origin=ORIGIN) is not None

    list(pool.map(tagged, range(8)))
    with own_runtime.reading() as session:
        counts = {each.name: (each.links, each.below) for each in tag_counts.every(session, account.id)}
    assert counts == {"all": (4, 4), "Db": (0, 4), "Db/sql": (4, 4)}


def test_nobody_waits_long_for_the_lock_that_another_needs(
    pool: ThreadPoolExecutor, bank: Bank, account: Account
) -> None:
    with bank.runtime.transaction() as session:
        saving.save(session, account.id, Drafting().draft("https://locked.example/"), origin=ORIGIN)
        urls = ["https://a.example/", "https://locked.example/", "https://b.example/"]
        first, (one, locked, two) = gathered(pool, bank, account.id, urls)
        for each in (first, one, two):
            assert each.result(30) is not None
        assert not locked.done()
    assert locked.result(30) is None
    assert count(bank.runtime, Link) == count(bank.runtime, Change) == 4


def test_nobody_waits_long_for_one_that_came_first_and_waits(
    pool: ThreadPoolExecutor, bank: Bank, account: Account
) -> None:
    bank.go_on.set()
    with bank.runtime.transaction() as session:
        saving.save(session, account.id, Drafting().draft("https://locked.example/"), origin=ORIGIN)
        locked = pool.submit(add, bank, account.id, "https://locked.example/")
        # It was given up together with nobody, and now waits alone.
        until(lambda: bank.lent == 2)
        others = [pool.submit(add, bank, account.id, f"https://{number}.example/") for number in range(5)]
        for each in others:
            assert each.result(30) is not None
        assert not locked.done()
    assert locked.result(30) is None
    assert count(bank.runtime, Link) == count(bank.runtime, Change) == 6


def test_what_took_long_to_fail_is_told_to_all_and_not_tried_again(
    pool: ThreadPoolExecutor, bank: Bank, account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gathering, "SLOW_SECONDS", -1.0)

    def fail(_: Direct) -> None:
        raise psycopg.OperationalError("away")

    bank.spoil = fail
    first, others = gathered(pool, bank, account.id, [f"https://{number}.example/" for number in range(3)])
    assert first.result() is not None
    assert [type(each.exception()) for each in others] == [DatabaseAway] * 3
    assert bank.lent == 2
    assert not bank.runtime.gathering._places


def test_a_connection_that_breaks_under_many_loses_none_of_them(
    pool: ThreadPoolExecutor, bank: Bank, account: Account, postgres: TestServer
) -> None:
    def end(connection: Direct) -> None:
        with postgres.admin() as admin:
            admin.execute("SELECT pg_terminate_backend(%s, 5000)", [connection.info.backend_pid])

    bank.spoil = end
    first, others = gathered(pool, bank, account.id, [f"https://{number}.example/" for number in range(5)])
    for each in (first, *others):
        saved = each.result()
        assert saved is not None
        assert saved.created
    assert count(bank.runtime, Link) == count(bank.runtime, Change) == 6


def test_what_was_added_by_a_connection_that_broke_before_it_told_is_new_all_the_same(
    pool: ThreadPoolExecutor, bank: Bank, account: Account
) -> None:
    def fail(_: Direct) -> None:
        raise psycopg.OperationalError("it broke off")

    bank.spoil_after = fail
    urls = [
        "https://a.example/",
        "https://b.example/",
        "https://a.example/?utm_source=x",
        "https://first.example/",
    ]
    first, others = gathered(pool, bank, account.id, urls)
    one, two, same, known = [each.result() for each in others]
    assert (same, known) == (None, None)
    with bank.runtime.reading() as session:
        for saved in (first.result(), one, two):
            assert saved is not None
            assert saved.created
            assert session.get_one(Link, (account.id, saved.link.id)).url == saved.link.url
    assert count(bank.runtime, Link) == count(bank.runtime, Change) == 3


@pytest.mark.parametrize("fault", [psycopg.OperationalError("away"), SystemExit()])
def test_what_stops_one_that_adds_for_many_stops_no_other(
    pool: ThreadPoolExecutor, bank: Bank, account: Account, fault: BaseException
) -> None:
    def fail(_: Direct) -> None:
        raise fault

    bank.spoil = fail
    first, others = gathered(pool, bank, account.id, [f"https://{number}.example/" for number in range(3)])
    errors = [each.exception() for each in (first, *others)]
    assert [error for error in errors if error] == ([fault] if isinstance(fault, SystemExit) else [])
    assert count(bank.runtime, Link) == errors.count(None)
    assert not bank.runtime.gathering._places


def test_one_that_fails_alone_is_told_and_the_next_is_saved(bank: Bank, account: Account) -> None:
    bank.go_on.set()
    assert add(bank, account.id, "https://first.example/") is not None

    def fail(_: Direct) -> None:
        raise psycopg.OperationalError("away")

    bank.spoil = fail
    with pytest.raises(DatabaseAway):
        add(bank, account.id, "https://a.example/")
    assert add(bank, account.id, "https://b.example/") is not None
    assert count(bank.runtime, Link) == count(bank.runtime, Change) == 2


def test_one_library_does_not_wait_for_another(
    pool: ThreadPoolExecutor, bank: Bank, account: Account
) -> None:
    other = add_account(bank.runtime)
    first = pool.submit(add, bank, account.id, "https://first.example/")
    until(lambda: bank.lent == 1)
    assert add(bank, other.id, "https://first.example/") is not None
    assert not first.done()
    bank.go_on.set()
    assert first.result() is not None
